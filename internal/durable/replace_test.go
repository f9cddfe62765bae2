package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// The n-th operation fails, until none does. The file is the old one or the new one, whole; if replace
// returned nil, it is the new one.
func TestTheNthDiskFailureLeavesTheOldOrTheNewFile(t *testing.T) {
	for _, old := range []string{"", "the old plan"} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "plan.json")
			if old != "" {
				must(t, os.WriteFile(path, []byte(old), 0o644))
			}
			d := newDisk(n)
			err := replace(d, path, []byte("the new plan"))
			got, _ := os.ReadFile(path) // no file is the empty one
			if text := string(got); text != old && text != "the new plan" || err == nil && text != "the new plan" {
				t.Errorf("operation %d (%q) failed: error %v, and the file contains %q", n, *d.done, err, text)
			}
			if err != nil && !errors.Is(err, errDisk) {
				t.Errorf("operation %d: %v", n, err)
			}
			if left := names(t, dir); len(left) > 1 || len(left) == 1 && left[0] != "plan.json" {
				t.Errorf("operation %d (%q) left %q behind", n, *d.done, left)
			}
			if err == nil {
				if n != 7 {
					t.Errorf("%d operations, want 6: %q", n-1, *d.done)
				}
				break
			}
		}
	}
}

func TestAReplacementIsSyncedBeforeTheRename(t *testing.T) {
	d := newDisk(0)
	must(t, replace(d, filepath.Join(t.TempDir(), "plan.json"), []byte("x")))
	if want := []string{"open", "write", "sync", "close", "rename", "sync folder"}; !slices.Equal(*d.done, want) {
		t.Errorf("the steps were %q, want %q", *d.done, want)
	}
}

func TestAReplacedFileIsReadableByItsOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "plan.json")
	must(t, os.WriteFile(path, []byte("old"), 0o644))
	must(t, Replace(path, []byte("new")))
	info, err := os.Lstat(path)
	must(t, err)
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" || info.Mode() != 0o600 {
		t.Errorf("%q, %v, mode %v", got, err, info.Mode())
	}
}

func TestNeitherALinkNorItsTargetIsReplaced(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "refunds.yaml"), filepath.Join(dir, "plan.json")
	must(t, os.WriteFile(path, []byte("old"), 0o600))
	must(t, os.Symlink("refunds.yaml", link))
	err := Replace(link, []byte("new"))
	text, _ := os.ReadFile(path)
	if to, _ := os.Readlink(link); !errors.Is(err, ErrLink) || string(text) != "old" || to != "refunds.yaml" {
		t.Errorf("error %v, the file contains %q, and the link points to %q", err, text, to)
	}
}

func TestOnlyARegularFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	for _, path := range []string{dir, filepath.Join(dir, "pipe"), filepath.Join(dir, "dangling"), filepath.Join(dir, "missing", "plan.json")} {
		if err := Replace(path, []byte("x")); err == nil {
			t.Errorf("%s was replaced", path)
		}
	}
}

func TestARewriteKeepsTheModeAndConcurrentEdits(t *testing.T) {
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
			t.Errorf("error %v, and the file contains %q", err, text)
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
		err := replace(rewriting{d, 0o640, []byte("before")}, path, []byte("after"))
		text, _ := os.ReadFile(path)
		if string(text) != "before" && string(text) != "after" || err == nil && string(text) != "after" {
			t.Errorf("operation %d failed: error %v, and the file contains %q", n, err, text)
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

func TestAFailedRewriteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := Rewrite(filepath.Join(dir, "missing"), nil, []byte("y")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := Rewrite(dir, nil, []byte("y")); err == nil {
		t.Error("a folder was rewritten")
	}
	gone := rewriting{System{}, 0o600, []byte("x")}
	if err := gone.Rename(filepath.Join(dir, "draft"), filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that was deleted meanwhile: %v", err)
	}
	if left := names(t, dir); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}
