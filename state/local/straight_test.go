package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"refundctl/state"
)

// A folder with a ledger whose lock is made by place.
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
		"a link to the ledger":        {func(_, lock string) error { return os.Symlink("refunds.state.jsonl", lock) }, ErrLink},
		"a link to another file":      {func(_, lock string) error { return os.Symlink("other", lock) }, ErrLink},
		"a link to nothing":           {func(_, lock string) error { return os.Symlink("nowhere", lock) }, ErrLink},
		"a second name of the ledger": {os.Link, ErrSecondName},
		"a pipe":                      {func(_, lock string) error { return syscall.Mkfifo(lock, 0o600) }, ErrNotRegular},
		"a folder":                    {func(_, lock string) error { return os.Mkdir(lock, 0o700) }, ErrNotRegular},
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
		if left := names(t, filepath.Dir(path)); len(left) != 3 {
			t.Errorf("%s: the folder holds %q", name, left)
		}
	}
}

func TestALockOfManifestsIsNoLink(t *testing.T) {
	path := withLock(t, func(ledger, lock string) error { return os.Symlink(ledger, lock) })
	if _, err := Exclusive(ctx, path+".lock"); !errors.Is(err, ErrLink) {
		t.Errorf("%v", err)
	}
}

// A pipe without a writer would make whoever opens it wait for ever.
func TestOnlyARegularFileIsOpened(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.WriteFile(at("file"), []byte("x"), 0o600))
	must(t, os.Symlink("file", at("link")))
	must(t, os.Symlink("new", at("dangling")))
	must(t, syscall.Mkfifo(at("pipe"), 0o600))
	done, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	go func() {
		defer cancel()
		for name, want := range map[string]error{"link": ErrLink, "dangling": ErrLink, "pipe": ErrNotRegular, ".": ErrNotRegular, "file": nil} {
			for _, flag := range []int{os.O_RDONLY, os.O_WRONLY | os.O_APPEND | os.O_CREATE, os.O_RDWR} {
				f, err := OpenFile(at(name), flag)
				if !errors.Is(err, want) {
					t.Errorf("%s, %x: %v", name, flag, err)
				}
				if err == nil {
					f.Close()
				}
			}
		}
	}()
	<-done.Done()
	if errors.Is(done.Err(), context.DeadlineExceeded) {
		t.Error("opening waits")
	}
	if _, err := os.Lstat(at("new")); err == nil {
		t.Error("a file was made through a link")
	}
}

// What a link hides until the open itself is refused by the flag.
func TestTheFlagRefusesALink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink("nowhere", link))
	if _, err := os.OpenFile(link, os.O_WRONLY|os.O_CREATE|straight, 0o600); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("%v", err)
	}
}

// A link that takes the open ledger's place is another file, wherever it leads.
func TestALinkInTheLedgersPlaceIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	l := ledger(t, path)
	must(t, l.Append(0, []byte("one\n")))
	must(t, os.Rename(path, path+".real"))
	must(t, os.Symlink("ledger.real", path))
	if err := l.Append(4, []byte("two\n")); !errors.Is(err, ErrChanged) {
		t.Errorf("%v", err)
	}
}

func TestR14_AFileSystemWithoutLocksIsNoBrokenDisk(t *testing.T) {
	for _, none := range []error{syscall.ENOLCK, syscall.EOPNOTSUPP, syscall.ENOTSUP, syscall.ENOSYS} {
		var told *NoLocksError
		if err := unlockable("/srv/ledger.lock", none); !errors.As(err, &told) || told.Path != "/srv/ledger.lock" || !errors.Is(err, none) {
			t.Errorf("%v gives %v", none, err)
		}
	}
	for _, other := range []error{syscall.EINVAL, syscall.EIO, syscall.EACCES, syscall.EBADF, nil} {
		if err := unlockable("/srv/ledger.lock", other); err != other {
			t.Errorf("%v gives %v", other, err)
		}
	}
}
