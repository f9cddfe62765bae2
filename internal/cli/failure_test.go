package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"refundctl/internal/durable"
	"refundctl/state"
	"refundctl/state/local"
	"refundctl/state/statetest"
)

// failing is a disk that fails to open, write or sync.
type failing struct {
	durable.System
	open, write, sync error
}

func (d failing) Open(path string, flag int) (durable.File, error) {
	if d.open != nil {
		return nil, d.open
	}
	f, err := d.System.Open(path, flag)
	return failingFile{f, d}, err
}

type failingFile struct {
	durable.File
	disk failing
}

func (f failingFile) Write(p []byte) (int, error) {
	if f.disk.write != nil {
		return 0, f.disk.write
	}
	return f.File.Write(p)
}

func (f failingFile) Sync() error { return f.disk.sync }

// sendOn returns the first error of a run on this disk.
func sendOn(t *testing.T, d local.Disk, path string) error {
	t.Helper()
	l, err := local.NewOn(d, path)
	if err != nil {
		return err
	}
	s, err := state.Open(context.Background(), l, state.Options{Clock: time.Now})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Begin(context.Background(), statetest.Intent("order_1", "refund_1"))
}

func TestFailure_ALedgerErrorNamesTheFileTheCauseAndWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		disk    failing
		message string // after the path of the ledger
		hint    string
	}{
		"no space":         {failing{write: syscall.ENOSPC}, "no space left on device", "free some space"},
		"over the quota":   {failing{write: syscall.EDQUOT}, "disk quota exceeded", "free some space"},
		"too large":        {failing{write: syscall.EFBIG}, "file too large", "free some space"},
		"a broken disk":    {failing{sync: syscall.EIO}, "input/output error", "the disk or its connection fails"},
		"not ours":         {failing{open: syscall.EACCES}, "permission denied", "you need read and write access"},
		"forbidden":        {failing{open: syscall.EPERM}, "operation not permitted", "you need read and write access"},
		"only for reading": {failing{open: syscall.EROFS}, "read-only file system", "mounted read-only"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "refunds.state.jsonl")
			f := explain(sendOn(t, c.disk, path))
			if f.code != ExitError || f.silent {
				t.Errorf("exit code %d", f.code)
			}
			if !strings.HasSuffix(f.message, path+": "+c.message) {
				t.Errorf("message %q", f.message)
			}
			if !strings.Contains(f.hint, c.hint) {
				t.Errorf("hint %q", f.hint)
			}
			var out bytes.Buffer
			a := &app{Streams: Streams{Err: &out, Env: func(string) string { return "" }}}
			a.complain(f, false)
			if lines := strings.Split(out.String(), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "error: ") || !strings.HasPrefix(lines[1], "hint: ") {
				t.Errorf("printed %q", out.String())
			}
		})
	}
}

// Nothing was sent and no disk is broken, so recover has nothing to read back.
func TestR14_AFileSystemWithoutLocksSaysWhereToKeepTheLedger(t *testing.T) {
	f := explain(fmt.Errorf("opening: %w", &local.NoLocksError{Path: "/mnt/share/refunds.state.jsonl", Err: syscall.ENOLCK}))
	want := "the file system of refunds.state.jsonl does not support locks: keep the ledger on a local disk, or mount it with locks"
	if f.code != ExitError || f.message != want || !strings.HasPrefix(f.hint, "nothing was sent; ") || strings.Contains(f.hint, "recover") {
		t.Errorf("exit %d, %q, %q", f.code, f.message, f.hint)
	}
}

// The hint points to recover, which reads back what a run sent and could not record.
func TestAFullDiskPointsToRecover(t *testing.T) {
	err := sendOn(t, failing{write: syscall.ENOSPC}, filepath.Join(t.TempDir(), "refunds.state.jsonl"))
	if !errors.Is(err, state.ErrBroken) || !strings.Contains(explain(err).hint, "refundctl recover") {
		t.Errorf("%v: %s", err, explain(err).hint)
	}
}
