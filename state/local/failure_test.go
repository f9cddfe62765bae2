package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"refundctl/internal/durable"
	"refundctl/state"
	"refundctl/state/statetest"
)

// doing is what an error says about the failed operation.
var doing = map[string][]string{
	"open":        {"opening the ledger"},
	"look":        {"looking at the ledger"},
	"read":        {"reading the ledger"},
	"write":       {"writing the ledger"},
	"sync":        {"syncing the ledger", "dropping the ledger's torn tail"},
	"truncate":    {"dropping the ledger's torn tail"},
	"close":       {"dropping the ledger's torn tail"},
	"sync folder": {"syncing the ledger's folder"},
}

// A run on a ledger with an unfinished last line, with the n-th operation failing. The error names the operation,
// the file and the reason, and the ledger contains the old events or the new ones.
func TestR1_TheNthFailureOfTheDiskIsReportedWithItsOperationAndItsFile(t *testing.T) {
	met := map[string]bool{}
	for n := 1; ; n++ {
		path := filepath.Join(t.TempDir(), "ledger")
		kept := attempt(ledger(t, path), "kept")
		tear(t, path)
		d := newDisk(n)
		confirmed, err := worked(on(t, d, path))
		if *d.left > 0 {
			break
		}
		step := (*d.done)[n-1]
		met[step] = true
		if harmless := step == "close" && err == nil; !harmless { // a close of a file that was only read, or is already synced
			checkReported(t, n, step, path, err)
		}
		after := statetest.Open(t, ledger(t, path)).State()
		for _, in := range append(kept, confirmed...) {
			if _, known := after.Entry(in.ID); !known {
				t.Errorf("operation %d, %s: %s was confirmed and is lost", n, step, in.ID.RefundID)
			}
		}
	}
	for _, step := range []string{"open", "look", "read", "write", "sync", "truncate", "sync folder"} {
		if !met[step] {
			t.Errorf("no %s failed", step)
		}
	}
}

// checkReported checks that the error names the operation, the file and the disk's own error.
func checkReported(t *testing.T, n int, step, path string, err error) {
	t.Helper()
	if step == "sync folder" {
		path = filepath.Dir(path)
	}
	var told *Error
	if !errors.As(err, &told) || !errors.Is(err, errDisk) || !slices.Contains(doing[step], told.Doing) || told.Path != path {
		t.Errorf("operation %d, %s, failed: told %v", n, step, err)
		return
	}
	if text := told.Doing + " " + path + ": " + errDisk.Error(); !strings.HasSuffix(err.Error(), text) {
		t.Errorf("operation %d, %s: %q does not end with %q", n, step, err, text)
	}
}

// worked runs two refunds, and returns the confirmed ones and the first error.
func worked(l *Ledger) (confirmed []state.Intent, first error) {
	s, err := state.Open(ctx, l, state.Options{Clock: func() time.Time { return time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC) }})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for i := range 2 {
		in := statetest.Intent("order_2", fmt.Sprint("refund_", i))
		switch err := s.Begin(ctx, in); {
		case err == nil:
			confirmed = append(confirmed, in)
		case !errors.Is(err, state.ErrBroken):
			return confirmed, fmt.Errorf("an append failed and the session goes on: %w", err)
		case first == nil:
			first = err
		}
	}
	return confirmed, first
}

func TestAMessageNamesTheFileOnce(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "open", Path: "/l", Err: syscall.EACCES}, "opening the ledger /l: permission denied"},
		{&fs.PathError{Op: "lstat", Path: "/", Err: syscall.ENOTDIR}, "opening the ledger /l: lstat /: not a directory"},
		{errDisk, "opening the ledger /l: input/output error"},
	} {
		if err := opError("opening the ledger", "/l", c.err); err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// A folder is in the place of the lock file: nothing is locked.
func TestALockThatCannotBeTakenIsReportedWithItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	must(t, os.Mkdir(path+".lock", 0o700))
	_, err := ledger(t, path).Lock(ctx, state.Holder{})
	var told *Error
	if !errors.As(err, &told) || told.Path != path+".lock" || !errors.Is(err, durable.ErrNotRegular) {
		t.Errorf("%v", err)
	}
}
