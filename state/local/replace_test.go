package local

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// The n-th operation fails, until none does: what stands there is one of the two, whole, and what
// was confirmed is the new one. A second failure on the way out changes nothing.
func TestTheNthFailureOfTheDiskLeavesTheOldOrTheNewFile(t *testing.T) {
	for _, old := range []string{"", "the old plan"} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "plan.json")
			if old != "" {
				must(t, os.WriteFile(path, []byte(old), 0o644))
			}
			d := newDisk(n)
			err := ReplaceOn(d, path, []byte("the new plan"))
			got, _ := os.ReadFile(path) // no file is the empty one
			if text := string(got); text != old && text != "the new plan" || err == nil && text != "the new plan" {
				t.Errorf("operation %d (%q) failed: error %v, and %q stands there", n, *d.done, err, text)
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

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestAFileIsReplacedOnlyByOneThatIsOnTheDisk(t *testing.T) {
	d := newDisk(0)
	must(t, ReplaceOn(d, filepath.Join(t.TempDir(), "plan.json"), []byte("x")))
	if want := []string{"open", "write", "sync", "close", "rename", "sync folder"}; !slices.Equal(*d.done, want) {
		t.Errorf("the steps were %q, want %q", *d.done, want)
	}
}

func TestAReplacedFileIsTheOwnersAlone(t *testing.T) {
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

func TestALinkIsNotReplacedAndNeitherIsItsTarget(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "refunds.yaml"), filepath.Join(dir, "plan.json")
	must(t, os.WriteFile(path, []byte("old"), 0o600))
	must(t, os.Symlink("refunds.yaml", link))
	err := Replace(link, []byte("new"))
	text, _ := os.ReadFile(path)
	if to, _ := os.Readlink(link); !errors.Is(err, ErrLink) || string(text) != "old" || to != "refunds.yaml" {
		t.Errorf("error %v, %q stands there, and the link leads to %q", err, text, to)
	}
}

func TestWhatIsNoRegularFileIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Symlink("nowhere", filepath.Join(dir, "dangling")))
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	for _, path := range []string{dir, filepath.Join(dir, "pipe"), filepath.Join(dir, "dangling"), filepath.Join(dir, "missing", "plan.json")} {
		if err := Replace(path, []byte("x")); err == nil {
			t.Errorf("%s was replaced", path)
		}
	}
}
