package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// openRoot opens a folder as a root.
func openRoot(t *testing.T, dir string) *os.Root {
	t.Helper()
	folder, err := os.OpenRoot(dir)
	must(t, err)
	t.Cleanup(func() { folder.Close() })
	return folder
}

func TestANewFileReplacesNothingAndStaysInItsFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	folder := openRoot(t, dir)
	must(t, Create(folder, "refunds/deep/a.yaml", []byte("first"), 0o644))
	if err := Create(folder, "refunds/deep/a.yaml", []byte("second"), 0o644); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second one: %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "refunds", "deep", "a.yaml")); string(text) != "first" {
		t.Errorf("%q", text)
	}
	must(t, os.Symlink(filepath.Join(outside, "b.yaml"), filepath.Join(dir, "b.yaml")))
	must(t, os.Symlink(outside, filepath.Join(dir, "out")))
	for _, name := range []string{"b.yaml", "out/c.yaml", "../d.yaml", "out/deep/e.yaml"} {
		if err := Create(folder, name, []byte("x"), 0o644); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if left := append(names(t, outside), names(t, filepath.Join(dir, "refunds", "deep"))...); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

// The n-th operation fails, until none does. There is the whole file or none; if create returned nil, the
// file is there, and nothing else but the folders on the way to it.
func TestTheNthFailureOfACreationLeavesTheWholeFileOrNone(t *testing.T) {
	for n := 1; ; n++ {
		dir := t.TempDir()
		d := diskRoot{rooted{openRoot(t, dir)}, failAt(n)}
		err := create(d, "refunds/june/a.yaml", []byte("content"), 0o644)
		text, missing := os.ReadFile(filepath.Join(dir, "refunds", "june", "a.yaml"))
		whole := missing == nil && string(text) == "content"
		if missing == nil && !whole || err == nil && !whole {
			t.Errorf("operation %d of %q failed: error %v, and the file contains %q", n, *d.done, err, text)
		}
		if err != nil && !errors.Is(err, errDisk) {
			t.Errorf("operation %d: %v", n, err)
		}
		if len(*d.done) < n {
			break
		}
		step := (*d.done)[n-1]
		if harmless := step == "link"; err == nil && !harmless { // a file system without links takes a second write
			t.Errorf("operation %d, %s, failed without an error", n, step)
		}
		for _, left := range leftIn(t, dir) {
			if left != "a.yaml" && step != "remove" {
				t.Errorf("operation %d, %s, left %q behind", n, step, left)
			}
		}
	}
}

// leftIn lists the files below dir.
func leftIn(t *testing.T, dir string) (all []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, d.Name())
		}
		return err
	}))
	return all
}

// The file has its name only when its content is on the disk, and Create returns only when the name and the
// folders on the way to it are.
func TestANewFileIsSyncedBeforeTheRename(t *testing.T) {
	d := diskRoot{rooted{openRoot(t, t.TempDir())}, failAt(0)}
	must(t, create(d, "refunds/a.yaml", []byte("x"), 0o644))
	want := []string{"mkdir", "sync folder .", "open", "write", "sync", "close", "link", "remove", "sync folder refunds"}
	if !slices.Equal(*d.done, want) {
		t.Errorf("the steps were %q, want %q", *d.done, want)
	}
}

func TestAFailedCreationLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600))
	if err := Create(openRoot(t, dir), "file/a.yaml", []byte("y"), 0o600); err == nil {
		t.Error("a file was made below a file")
	}
	if err := CreateAt(filepath.Join(dir, "nowhere", "a.yaml"), []byte("y"), 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that does not exist: %v", err)
	}
	err := CreateAt(filepath.Join(dir, "file"), []byte("y"), 0o600)
	if !errors.Is(err, fs.ErrExist) || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("a file that exists: %v", err)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}
