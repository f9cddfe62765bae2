package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"refundctl/internal/durable"
	"refundctl/state"
)

// lockedFolder is a folder with a ledger whose lock file is made by place.
func withLock(t *testing.T, place func(ledger, lock string) error) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "refunds.state.jsonl")
	must(t, os.WriteFile(path, []byte("the ledger"), 0o600))
	must(t, os.WriteFile(filepath.Join(filepath.Dir(path), "other"), []byte("the ledger"), 0o600))
	must(t, place(path, path+".lock"))
	return path
}

func TestR14_NothingIsWrittenThroughALockThatIsAnotherFile(t *testing.T) {
	for name, c := range map[string]struct {
		place func(ledger, lock string) error
		want  error
	}{
		"a link to the ledger":        {func(_, lock string) error { return os.Symlink("refunds.state.jsonl", lock) }, durable.ErrLink},
		"a link to another file":      {func(_, lock string) error { return os.Symlink("other", lock) }, durable.ErrLink},
		"a link to nothing":           {func(_, lock string) error { return os.Symlink("nowhere", lock) }, durable.ErrLink},
		"a second name of the ledger": {os.Link, ErrSecondName},
		"a pipe":                      {func(_, lock string) error { return syscall.Mkfifo(lock, 0o600) }, durable.ErrNotRegular},
		"a folder":                    {func(_, lock string) error { return os.Mkdir(lock, 0o700) }, durable.ErrNotRegular},
	} {
		path := withLock(t, c.place)
		_, err := ledger(t, path).Lock(ctx, state.Holder{Actor: "asha"})
		var told *Error
		if !errors.Is(err, c.want) || !errors.As(err, &told) || told.Path != path+".lock" {
			t.Errorf("%s: %v", name, err)
		}
		for _, file := range []string{path, filepath.Join(filepath.Dir(path), "other")} {
			if text, err := os.ReadFile(file); err != nil || string(text) != "the ledger" {
				t.Errorf("%s: %s holds %q, %v", name, filepath.Base(file), text, err)
			}
		}
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 3 {
			t.Errorf("%s: the folder holds %q", name, left)
		}
	}
}

func TestALockOfManifestsIsNotALink(t *testing.T) {
	path := withLock(t, func(ledger, lock string) error { return os.Symlink(ledger, lock) })
	if _, err := Exclusive(ctx, path+".lock"); !errors.Is(err, durable.ErrLink) {
		t.Errorf("%v", err)
	}
}

// A link in the place of the open ledger is another file, wherever it leads.
func TestALinkInTheLedgersPlaceIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := ledger(t, path)
	must(t, l.Append(0, []byte("one\n")))
	must(t, os.Rename(path, path+".real"))
	must(t, os.Symlink("ledger.real", path))
	if err := l.Append(4, []byte("two\n")); !errors.Is(err, durable.ErrChanged) {
		t.Errorf("%v", err)
	}
}

func TestR14_AFileSystemWithoutLocksIsNotABrokenDisk(t *testing.T) {
	for _, none := range []error{syscall.ENOLCK, syscall.EOPNOTSUPP, syscall.ENOTSUP, syscall.ENOSYS} {
		var told *NoLocksError
		if err := lockError("/srv/ledger.lock", none); !errors.As(err, &told) || told.Path != "/srv/ledger.lock" || !errors.Is(err, none) {
			t.Errorf("%v gives %v", none, err)
		}
	}
	for _, other := range []error{syscall.EINVAL, syscall.EIO, syscall.EACCES, syscall.EBADF, nil} {
		if err := lockError("/srv/ledger.lock", other); err != other {
			t.Errorf("%v gives %v", other, err)
		}
	}
}

func TestALockHasOneHolderAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := Exclusive(context.Background(), path)
	must(t, err)
	waiting, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := Exclusive(waiting, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second one got it: %v", err)
	}
	must(t, release())
	release, err = Exclusive(context.Background(), path)
	must(t, err)
	must(t, release())
}

func TestALockNeedsItsFolder(t *testing.T) {
	if _, err := Exclusive(ctx, filepath.Join(t.TempDir(), "nowhere", "lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
