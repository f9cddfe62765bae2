package schema

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func loadPaths(t *testing.T, root string, paths ...string) Result {
	t.Helper()
	r, err := Load(context.Background(), paths, Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const nothing = "version: 1\nrefunds: []\n"

func TestFoldersGiveTheirManifestsSortedAndOnce(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"refunds/b.yaml": nothing, "refunds/a.yml": nothing, "refunds/deep/er/c.YAML": nothing, "refunds/readme.md": "{{", "refunds/refundctl.yaml": "{{",
		"refunds/.git/x.yaml": "{{", "refunds/._a.yaml": "{{", "other/x.yaml": nothing, "single.txt": nothing,
	})
	r := loadPaths(t, root, "refunds/", "refunds/b.yaml", "./refunds/../refunds", filepath.Join(root, "refunds", "a.yml"), "single.txt")
	if diff := cmp.Diff([]string{"refunds/a.yml", "refunds/b.yaml", "refunds/deep/er/c.YAML", "single.txt"}, r.Files); diff != "" {
		t.Error(diff)
	}
	clean(t, r)
}

func TestFilesOutsideTheRootKeepTheirFullPath(t *testing.T) {
	root, elsewhere := t.TempDir(), t.TempDir()
	write(t, elsewhere, map[string]string{"x.yaml": nothing})
	path := filepath.Join(elsewhere, "x.yaml")
	if r := loadPaths(t, root, path); len(r.Files) != 1 || r.Files[0] != filepath.ToSlash(path) {
		t.Errorf("%v", r.Files)
	}
}

func TestPathsWithoutManifestsAreReported(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"empty/readme.md": "x", "ok/a.yaml": nothing})
	r := loadPaths(t, root, "missing.yaml", "missing.yaml", "ok", "empty")
	checkDiagnostics(t, r.Diagnostics, nil)
	if got := brief(r.Diagnostics); got != "0:0 w no_manifests\n0:0 path_missing\n" || r.Diagnostics[1].File != "missing.yaml" {
		t.Errorf("%s %+v", got, r.Diagnostics)
	}
}

func TestLinksAreFollowedOnlyToFilesInTheProject(t *testing.T) {
	root, elsewhere := t.TempDir(), t.TempDir()
	write(t, root, map[string]string{"refunds/a.yaml": nothing, "kept/b.yaml": nothing})
	write(t, elsewhere, map[string]string{"x.yaml": one()})
	for name, to := range map[string]string{
		"refunds/loop": root, "refunds/b.yaml": filepath.Join(root, "kept/b.yaml"), "refunds/again.yaml": filepath.Join(root, "refunds/a.yaml"),
		"refunds/out.yaml": filepath.Join(elsewhere, "x.yaml"), "refunds/gone.yaml": filepath.Join(root, "gone"), "refunds/notes.md": filepath.Join(elsewhere, "x.yaml"),
	} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	r := loadPaths(t, root, "refunds")
	if diff := cmp.Diff([]string{"refunds/a.yaml", "refunds/b.yaml"}, r.Files); diff != "" {
		t.Error(diff)
	}
	checkDiagnostics(t, r.Diagnostics, nil)
	reported := map[string]string{}
	for _, d := range r.Diagnostics {
		reported[d.File] = d.Code
	}
	if diff := cmp.Diff(map[string]string{"refunds/loop": CodeSymlink, "refunds/out.yaml": CodeSymlink, "refunds/gone.yaml": CodeUnreadable}, reported); diff != "" {
		t.Error(diff)
	}
}

func TestAHugeFileIsRefusedWithoutReadingIt(t *testing.T) {
	root := t.TempDir()
	f, err := os.Create(filepath.Join(root, "huge.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(100<<30), f.Close()); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	found := loadPaths(t, root, ".").Diagnostics
	runtime.ReadMemStats(&after)
	checkDiagnostics(t, found, nil)
	got := brief(found)
	if used := after.TotalAlloc - before.TotalAlloc; got != "0:0 file_too_large\n" || used > 1<<20 {
		t.Errorf("%s, %d bytes used", got, used)
	}
}

func TestTheDigestCoversNamesAndContents(t *testing.T) {
	digest := func(files map[string]string) string {
		root := t.TempDir()
		write(t, root, files)
		return loadPaths(t, root, ".").Digest
	}
	base := map[string]string{"a.yaml": nothing, "b.yaml": one()}
	first := digest(base)
	if digest(map[string]string{"a.yaml": strings.ReplaceAll(nothing, "\n", "\r\n"), "b.yaml": one()}) != first {
		t.Error("a checkout with the line ends of Windows has another digest")
	}
	if first != digest(base) || len(first) != 64 {
		t.Error("the same files have two digests")
	}
	for what, other := range map[string]map[string]string{
		"a comment": {"a.yaml": nothing + "#", "b.yaml": one()}, "a name": {"a.yaml": nothing, "c.yaml": one()},
		"fewer": {"b.yaml": one()}, "swapped": {"a.yaml": one(), "b.yaml": nothing}, "a mark": {"a.yaml": "\xef\xbb\xbf" + nothing, "b.yaml": one()},
	} {
		if digest(other) == first {
			t.Errorf("%s does not change the digest", what)
		}
	}
}

func TestTheDigestNeedsNoLoading(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a.yaml": nothing, "b.yaml": one(), "c.yaml": "not: [a manifest"})
	for _, paths := range [][]string{{"."}, {"b.yaml", "a.yaml", "gone.yaml"}, nil} {
		now, err := Digest(t.Context(), paths, Options{Root: root})
		if want := loadPaths(t, root, paths...).Digest; err != nil || now != want {
			t.Errorf("the digest of %q is %s (%v), but %s when they are loaded", paths, now, err, want)
		}
	}
}

func TestAByteOrderMarkAndWindowsLineEndsAreRead(t *testing.T) {
	r := loadOne(t, "\xef\xbb\xbf"+strings.ReplaceAll(one("refund_note: sorry", "hold: 1"), "\n", "\r\n"))
	if got := brief(r.Diagnostics); got != "7:11 type\n" {
		t.Error(got)
	}
	if r = loadOne(t, "\xef\xbb\xbf"+strings.ReplaceAll(one("refund_note: sorry"), "\n", "\r\n")); len(r.Specs) != 1 || r.Specs[0].Note != "sorry" {
		t.Errorf("%+v", r)
	}
}

func TestACancelledLoadEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	root := t.TempDir()
	write(t, root, map[string]string{"a.yaml": nothing})
	for _, path := range []string{".", "a.yaml"} {
		if _, err := Load(ctx, []string{path}, Options{Root: root}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
