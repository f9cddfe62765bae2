package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestARewriteKeepsTheModeAndLosesNobodysEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.yaml")
	must(t, os.WriteFile(path, []byte("before"), 0o600))
	must(t, os.Chmod(path, 0o664)) // more than any umask leaves
	must(t, Rewrite(path, []byte("before"), []byte("after")))
	info, err := os.Stat(path)
	must(t, err)
	if text, _ := os.ReadFile(path); string(text) != "after" || info.Mode().Perm() != 0o664 {
		t.Errorf("%q with mode %o", text, info.Mode().Perm())
	}
	for _, other := range []string{"afte", "after and more", "an edit"} {
		must(t, os.WriteFile(path, []byte(other), 0o600))
		err := Rewrite(path, []byte("after"), []byte("mine"))
		if text, _ := os.ReadFile(path); !errors.Is(err, ErrChanged) || string(text) != other {
			t.Errorf("error %v, and %q stands there", err, text)
		}
	}
	if left := names(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}

func TestTheNthFailureOfARewriteLeavesTheOldOrTheNewFile(t *testing.T) {
	for n := 1; ; n++ {
		path := filepath.Join(t.TempDir(), "a.yaml")
		must(t, os.WriteFile(path, []byte("before"), 0o640))
		d := newDisk(n)
		err := ReplaceOn(rewriting{d, 0o640, []byte("before")}, path, []byte("after"))
		text, _ := os.ReadFile(path)
		if string(text) != "before" && string(text) != "after" || err == nil && string(text) != "after" {
			t.Errorf("operation %d failed: error %v, and %q stands there", n, err, text)
		}
		if left := names(t, filepath.Dir(path)); len(left) != 1 {
			t.Errorf("operation %d left %q behind", n, left)
		}
		if err == nil {
			return
		}
	}
}

func TestALinkedFileIsRewrittenAndTheLinkStays(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("before"), 0o600))
	must(t, os.Symlink("a.yaml", filepath.Join(dir, "link.yaml")))
	must(t, Rewrite(filepath.Join(dir, "link.yaml"), []byte("before"), []byte("after")))
	if text, _ := os.ReadFile(filepath.Join(dir, "a.yaml")); string(text) != "after" {
		t.Errorf("%q", text)
	}
	if to, err := os.Readlink(filepath.Join(dir, "link.yaml")); err != nil || to != "a.yaml" {
		t.Errorf("the link leads to %q: %v", to, err)
	}
}

func TestALockIsOfOneAtATime(t *testing.T) {
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

func TestANewFileTakesNothingsPlaceAndStaysInItsFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	folder, err := os.OpenRoot(dir)
	must(t, err)
	defer folder.Close()
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

func TestWhatCannotBeEditedIsToldAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600))
	folder, err := os.OpenRoot(dir)
	must(t, err)
	defer folder.Close()
	if err := Rewrite(filepath.Join(dir, "missing"), nil, []byte("y")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := Rewrite(dir, nil, []byte("y")); err == nil {
		t.Error("a folder was rewritten")
	}
	gone := rewriting{System{}, 0o600, []byte("x")}
	if err := gone.Rename(filepath.Join(dir, "draft"), filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that went away meanwhile: %v", err)
	}
	if err := Create(folder, "file/a.yaml", []byte("y"), 0o600); err == nil {
		t.Error("a file was made below a file")
	}
	if _, err := Exclusive(context.Background(), filepath.Join(dir, "nowhere", "lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lock in a folder that is not there: %v", err)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
}
