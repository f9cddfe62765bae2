package local

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"refundctl/internal/durable"
	"refundctl/state"
	"refundctl/state/statetest"
)

var ctx = context.Background()

var errDisk = errors.New("input/output error")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ledger(t testing.TB, path string) *Ledger {
	t.Helper()
	l, err := New(path)
	must(t, err)
	return l
}

func TestLedgerPassesTheSuite(t *testing.T) {
	statetest.Run(t, func(t *testing.T) (a, b state.Backend) {
		path := filepath.Join(t.TempDir(), "refunds.state.jsonl")
		return ledger(t, path), ledger(t, path)
	})
}

func TestTheLedgerAndItsLockAreTheOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := ledger(t, path)
	s := statetest.Open(t, l)
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
	must(t, s.Close())
	for _, name := range []string{path, path + ".lock"} {
		info, err := os.Stat(name)
		must(t, err)
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(name), got)
		}
	}
	if n, err := l.Notices(); err != nil || n != nil {
		t.Errorf("notices: %v, %v", n, err)
	}
	must(t, os.Chmod(path, 0o640))
	want := []state.Notice{{Kind: state.OpenToAll, Mode: 0o640}}
	if n, err := l.Notices(); err != nil || !slices.Equal(n, want) {
		t.Errorf("notices: %v, %v, want %v", n, err, want)
	}
	statetest.Open(t, ledger(t, path)) // and it can still be written
}

func TestAMissingLedgerHasNoNotices(t *testing.T) {
	if n, err := ledger(t, filepath.Join(t.TempDir(), "ledger")).Notices(); err != nil || n != nil {
		t.Errorf("%v, %v", n, err)
	}
}

func TestR14_AllNamesOfALedgerShareOneLock(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
	must(t, os.Symlink("real", filepath.Join(dir, "folder")))
	real := filepath.Join(dir, "real", "ledger")
	must(t, os.WriteFile(real, nil, 0o600))
	must(t, os.Symlink(real, filepath.Join(dir, "link")))
	unlock, err := ledger(t, real).Lock(ctx, state.Holder{Actor: "asha"})
	must(t, err)
	defer unlock()
	for _, name := range []string{"link", "folder/ledger", "folder/../real/ledger"} {
		_, err := ledger(t, filepath.Join(dir, name)).Lock(ctx, state.Holder{})
		var locked *state.LockedError
		if !errors.As(err, &locked) || locked.Holder.Actor != "asha" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyARegularFileIsALedger(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	must(t, os.Symlink(".", filepath.Join(dir, "to a folder")))
	for _, name := range []string{".", "dangling", "to a folder", "missing/ledger"} {
		if _, err := New(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was taken for a ledger", name)
		}
	}
}

func TestALedgerThatWasReplacedIsNotWritten(t *testing.T) {
	for name, change := range map[string]func(path string, old []byte) error{
		"replaced by its like": func(path string, old []byte) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, old, 0o600))
		},
		"deleted":   func(path string, _ []byte) error { return os.Remove(path) },
		"cut":       func(path string, old []byte) error { return os.Truncate(path, int64(len(old)-1)) },
		"continued": func(path string, old []byte) error { return os.WriteFile(path, append(old, 'x'), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger")
			s := statetest.Open(t, ledger(t, path))
			must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
			old, err := os.ReadFile(path)
			must(t, err)
			must(t, change(path, old))
			if err := s.Begin(ctx, statetest.Intent("order_2", "refund_2")); !errors.Is(err, state.ErrBroken) {
				t.Errorf("the next intent gave %v", err)
			}
			must(t, s.Close())
			if kept, err := os.ReadFile(path + ".old"); err == nil && !bytes.Equal(kept, old) {
				t.Errorf("the replaced file was written: %s", kept)
			}
		})
	}
}

// disk counts the operations on the real disk and makes the n-th fail. A failed write is half done.
type disk struct {
	durable.System
	left *int
	done *[]string
}

func newDisk(fail int) disk { return disk{left: &fail, done: &[]string{}} }

func (d disk) step(name string) error {
	*d.done = append(*d.done, name)
	if *d.left--; *d.left == 0 {
		return errDisk
	}
	return nil
}

func (d disk) times(name string) (n int) {
	for _, step := range *d.done {
		if step == name {
			n++
		}
	}
	return n
}

func (d disk) Open(path string, flag int) (durable.File, error) {
	if err := d.step("open"); err != nil {
		return nil, err
	}
	f, err := d.System.Open(path, flag)
	return file{f, d}, err
}

func (d disk) Stat(path string) (fs.FileInfo, error) {
	if err := d.step("look"); err != nil {
		return nil, err
	}
	return d.System.Stat(path)
}

func (d disk) SyncDir(path string) error {
	if err := d.step("sync folder"); err != nil {
		return err
	}
	return d.System.SyncDir(path)
}

type file struct {
	durable.File
	disk disk
}

func (f file) Read(p []byte) (int, error) {
	if err := f.disk.step("read"); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f file) Write(p []byte) (int, error) {
	if err := f.disk.step("write"); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f file) Stat() (fs.FileInfo, error) {
	if err := f.disk.step("look"); err != nil {
		return nil, err
	}
	return f.File.Stat()
}

func (f file) Sync() error {
	if err := f.disk.step("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f file) Truncate(size int64) error {
	if err := f.disk.step("truncate"); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

// Close closes even if it fails, as the system does.
func (f file) Close() error {
	return errors.Join(f.disk.step("close"), f.File.Close())
}

func on(t testing.TB, d disk, path string) *Ledger {
	t.Helper()
	l, err := NewOn(d, path)
	must(t, err)
	return l
}

// One run writes two events, a second one finds an unfinished last line and writes two more; the n-th operation
// fails. Then every event is either whole or absent, every confirmed event is there, and the next run works.
func TestR1_TheNthFailureOfTheDiskLeavesTheOldOrTheNewLedger(t *testing.T) {
	for n := 1; ; n++ {
		path := filepath.Join(t.TempDir(), "ledger")
		d := newDisk(n)
		confirmed := attempt(on(t, d, path), "a")
		tear(t, path)
		confirmed = append(confirmed, attempt(on(t, d, path), "b")...)
		s := statetest.Open(t, ledger(t, path))
		for _, in := range confirmed {
			if _, known := s.State().Entry(in.ID); !known {
				t.Errorf("operation %d failed: %s was confirmed and is lost", n, in.ID.RefundID)
			}
		}
		must(t, s.Begin(ctx, statetest.Intent("order_9", "refund_9")))
		must(t, s.Close())
		if *d.left > 0 {
			if len(confirmed) != 4 || n < 30 {
				t.Errorf("%d events were confirmed in %d operations without a failure", len(confirmed), n)
			}
			return
		}
	}
}

func attempt(l *Ledger, name string) (confirmed []state.Intent) {
	now := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	s, err := state.Open(ctx, l, state.Options{Clock: func() time.Time { return now }})
	if err != nil {
		return nil
	}
	defer s.Close()
	for i := range 2 {
		in := statetest.Intent("order_1", fmt.Sprint("refund_", name, i))
		if s.Begin(ctx, in) == nil {
			confirmed = append(confirmed, in)
		}
	}
	return confirmed
}

// tear leaves the beginning of a line at the end, unless a failure has already left one.
func tear(t *testing.T, path string) {
	t.Helper()
	if text, err := os.ReadFile(path); err == nil && len(text) > 0 && text[len(text)-1] != '\n' {
		return
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	must(t, err)
	_, err = f.WriteString(`{"v":1,"ru`)
	must(t, errors.Join(err, f.Close()))
}

func TestR1_AnAppendIsSyncedBeforeItReturns(t *testing.T) {
	d := newDisk(0)
	l := on(t, d, filepath.Join(t.TempDir(), "ledger"))
	must(t, l.Append(0, []byte("one\n")))
	must(t, l.Append(4, []byte("two\n")))
	must(t, l.Truncate(4))
	want := []string{"open", "look", "look", "write", "sync", "sync folder", "look", "look",
		"look", "look", "write", "sync", "look", "look", "open", "truncate", "sync", "close"}
	if !slices.Equal(*d.done, want) {
		t.Errorf("the steps were %q, want %q", *d.done, want)
	}
}

func TestConcurrentAppendsShareAnFsync(t *testing.T) {
	d := newDisk(0)
	s := statetest.Open(t, on(t, d, filepath.Join(t.TempDir(), "ledger")))
	const workers, each = 64, 8
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				in := statetest.Intent(fmt.Sprint("order_", w), fmt.Sprintf("refund_%d_%d", w, i))
				if err := errors.Join(s.Begin(ctx, in), s.Finish(ctx, statetest.Accepted(in))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	must(t, s.Close())
	syncs := d.times("sync")
	t.Logf("%d fsyncs for %d refunds", syncs, workers*each)
	if syncs*4 > workers*each {
		t.Errorf("%d fsyncs for %d refunds, want one for four at most", syncs, workers*each)
	}
}

// TestMain lets the test binary hold the lock as a second process.
func TestMain(m *testing.M) {
	if path := os.Getenv("REFUNDCTL_TEST_HOLD"); path != "" {
		hold(path)
		return
	}
	m.Run()
}

func hold(path string) {
	l, err := New(path)
	if err == nil {
		_, err = l.Lock(ctx, state.Holder{Actor: "ravi", Host: "till-7", PID: os.Getpid(), Since: time.Unix(1e9, 0).UTC(), Command: "apply"})
	}
	fmt.Println("held:", err)
	bufio.NewReader(os.Stdin).ReadString('\n') // until the parent closes it or dies
}

func TestR14_TheLockHoldsBetweenProcessesAndDiesWithThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	self, err := os.Executable()
	must(t, err)
	other := exec.Command(self)
	other.Env = append(os.Environ(), "REFUNDCTL_TEST_HOLD="+path)
	stdin, err := other.StdinPipe()
	must(t, err)
	defer stdin.Close()
	stdout, err := other.StdoutPipe()
	must(t, err)
	must(t, other.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || line != "held: <nil>\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}

	_, err = ledger(t, path).Lock(ctx, state.Holder{Actor: "asha"})
	var locked *state.LockedError
	want := state.Holder{Actor: "ravi", Host: "till-7", PID: other.Process.Pid, Since: time.Unix(1e9, 0).UTC(), Command: "apply"}
	if !errors.As(err, &locked) || locked.Holder != want {
		t.Errorf("a lock that another process holds gave %v, want %+v", err, want)
	}

	must(t, other.Process.Kill())
	other.Wait() // it was killed, so it fails
	unlock, err := ledger(t, path).Lock(ctx, state.Holder{Actor: "asha"})
	must(t, err)
	must(t, unlock())
	if _, err := os.Stat(path + ".lock"); err != nil {
		t.Errorf("the lock file is gone: %v", err)
	}
}

func TestALockFileWithoutAHolderStillLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	unlock, err := ledger(t, path).Lock(ctx, state.Holder{Actor: "asha"})
	must(t, err)
	defer unlock()
	must(t, os.WriteFile(path+".lock", []byte("{"), 0o600))
	_, err = ledger(t, path).Lock(ctx, state.Holder{})
	var locked *state.LockedError
	if !errors.As(err, &locked) || locked.Holder != (state.Holder{}) {
		t.Errorf("the lock gave %v", err)
	}
}

// The cost of an append must not grow with the ledger: the numbers of the sub-benchmarks are equal.
func BenchmarkAppend(b *testing.B) {
	for _, length := range []int{0, 1 << 20, 1 << 28} {
		b.Run(fmt.Sprintf("behind %d bytes", length), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "ledger")
			must(b, os.WriteFile(path, nil, 0o600))
			must(b, os.Truncate(path, int64(length)))
			l, event := ledger(b, path), bytes.Repeat([]byte("x"), 800)
			size := int64(length)
			for b.Loop() {
				must(b, l.Append(size, event))
				size += int64(len(event))
			}
		})
	}
}
