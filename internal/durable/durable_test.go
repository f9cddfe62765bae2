package durable

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// names lists the folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

var errDisk = errors.New("input/output error")

// failures counts file operations and fails the n-th. A write that fails is half done.
type failures struct {
	left *int
	done *[]string
}

func failAt(n int) failures { return failures{left: &n, done: &[]string{}} }

func (f failures) step(name string) error {
	*f.done = append(*f.done, name)
	if *f.left--; *f.left == 0 {
		return errDisk
	}
	return nil
}

// disk is the system's operations on paths, with failures.
type disk struct {
	System
	failures
}

func newDisk(fail int) disk { return disk{failures: failAt(fail)} }

func (d disk) Open(path string, flag int) (File, error) {
	if err := d.step("open"); err != nil {
		return nil, err
	}
	f, err := d.System.Open(path, flag)
	return file{f, d.failures}, err
}

func (d disk) SyncDir(path string) error {
	if err := d.step("sync folder"); err != nil {
		return err
	}
	return d.System.SyncDir(path)
}

func (d disk) Rename(from, to string) error {
	if err := d.step("rename"); err != nil {
		return err
	}
	return d.System.Rename(from, to)
}

func (d disk) Remove(path string) error {
	if err := d.step("remove"); err != nil {
		return err
	}
	return d.System.Remove(path)
}

// diskRoot is the system's operations in a root, with failures.
type diskRoot struct {
	rooted
	failures
}

func (d diskRoot) Mkdir(name string) error {
	if err := d.step("mkdir"); err != nil {
		return err
	}
	return d.rooted.Mkdir(name)
}

func (d diskRoot) Open(name string, mode fs.FileMode) (File, error) {
	if err := d.step("open"); err != nil {
		return nil, err
	}
	f, err := d.rooted.Open(name, mode)
	return file{f, d.failures}, err
}

func (d diskRoot) Link(from, to string) error {
	if err := d.step("link"); err != nil {
		return err
	}
	return d.rooted.Link(from, to)
}

func (d diskRoot) Remove(name string) error {
	if err := d.step("remove"); err != nil {
		return err
	}
	return d.rooted.Remove(name)
}

func (d diskRoot) SyncDir(name string) error {
	if err := d.step("sync folder " + name); err != nil {
		return err
	}
	return d.rooted.SyncDir(name)
}

type file struct {
	File
	failures
}

func (f file) Write(p []byte) (int, error) {
	if err := f.step("write"); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f file) Sync() error {
	if err := f.step("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

// Close closes in any case, as the system does.
func (f file) Close() error { return errors.Join(f.step("close"), f.File.Close()) }

// A pipe without a writer would make whoever opens it wait for ever.
func TestOnlyARegularFileIsOpened(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.WriteFile(at("file"), []byte("x"), 0o600))
	must(t, os.Symlink("file", at("link")))
	must(t, os.Symlink("new", at("dangling")))
	must(t, syscall.Mkfifo(at("pipe"), 0o600))
	done, cancel := context.WithTimeout(context.Background(), time.Minute)
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
	if _, err := os.OpenFile(link, os.O_WRONLY|os.O_CREATE|NoFollow, 0o600); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("%v", err)
	}
}
