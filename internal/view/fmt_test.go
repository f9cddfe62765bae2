package view_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"refundctl/internal/view"
)

func TestADiffIsWhatPatchTakes(t *testing.T) {
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "d\n", "e\n", "f\n", "\n", "- x\n", "+ y\n", "@@\n"}), 0, 40)
	last := rapid.SampledFrom([]string{"", "no line end"})
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		before := strings.Join(lines.Draw(t, "before"), "") + last.Draw(t, "end")
		after := strings.Join(lines.Draw(t, "after"), "") + last.Draw(t, "new end")
		diff := view.UnifiedDiff("f", []byte(before), []byte(after))
		if (diff == "") != (before == after) {
			t.Fatalf("%q and %q: %q", before, after, diff)
		}
		if diff == "" {
			return
		}
		file := filepath.Join(dir, "f")
		if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		patch := exec.Command("git", "apply", "--unsafe-paths", "--whitespace=nowarn", "-")
		patch.Dir, patch.Stdin = dir, strings.NewReader(diff)
		if out, err := patch.CombinedOutput(); err != nil {
			t.Fatalf("%v %s\n%s", err, out, diff)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != after {
			t.Fatalf("%v: %q, not %q\n%s", err, got, after, diff)
		}
	})
}

func TestADiffShowsThreeLinesAround(t *testing.T) {
	var before, after strings.Builder
	for i := range 30 {
		fmt.Fprintf(&before, "%d\n", i)
		if i == 5 || i == 12 || i == 20 {
			fmt.Fprintf(&after, "changed\n")
		} else {
			fmt.Fprintf(&after, "%d\n", i)
		}
	}
	want := `--- a/f
+++ b/f
@@ -3,7 +3,7 @@
 2
 3
 4
-5
+changed
 6
 7
 8
@@ -10,7 +10,7 @@
 9
 10
 11
-12
+changed
 13
 14
 15
@@ -18,7 +18,7 @@
 17
 18
 19
-20
+changed
 21
 22
 23
`
	if got := view.UnifiedDiff("f", []byte(before.String()), []byte(after.String())); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}

// Two large texts without a line in common, and with all lines in another order.
func TestADiffOfLargeTextsIsFast(t *testing.T) {
	var rising, falling, deeper bytes.Buffer
	const n = 200_000
	for i := range n {
		fmt.Fprintf(&rising, "%d\n", i)
		fmt.Fprintf(&falling, "%d\n", n-i)
		fmt.Fprintf(&deeper, "  %d\n", i)
	}
	for _, after := range []*bytes.Buffer{&falling, &deeper} {
		if view.UnifiedDiff("f", rising.Bytes(), after.Bytes()) == "" {
			t.Error("no difference")
		}
	}
}

func TestADiffOnATerminalHasColoursAndNoRawCharacters(t *testing.T) {
	var out bytes.Buffer
	f := view.FormattedFile{File: "a\x1b.yaml", Changed: true}
	if err := view.Formatted(&out, f, view.Style{}); err != nil || out.String() != "a\\x1b.yaml\n" {
		t.Errorf("%q %v", &out, err)
	}
	out.Reset()
	f.Diff = view.UnifiedDiff("a", []byte("x: 1 \u202e\n\ty\n"), []byte("x: 1\n\ty\n"))
	want := "\x1b[1m--- a/a\x1b[0m\n\x1b[1m+++ b/a\x1b[0m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n" +
		"\x1b[31m-\x1b[0m\x1b[31mx: 1\x1b[0m\x1b[1m\x1b[31m \\u202e\x1b[0m\x1b[0m\n\x1b[32m+\x1b[0m\x1b[32mx: 1\x1b[0m\n \ty\n"
	if err := view.Formatted(&out, f, view.Style{Color: true}); err != nil || out.String() != want {
		t.Errorf("%q, not %q, %v", &out, want, err)
	}
}

// Of a line that was rewritten, the part that changed is in bold; of lines that came or went, nothing is.
func TestADiffInColourShowsWhatChangedInALine(t *testing.T) {
	f := view.FormattedFile{Diff: view.UnifiedDiff("a", []byte("refund_amount: 010.50\nlast\n"), []byte("refund_amount: 10.50\nlast\nnew\n"))}
	var out bytes.Buffer
	if err := view.Formatted(&out, f, view.Style{Color: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x1b[1m\x1b[31m0\x1b[0m\x1b[0m", "\x1b[32m+new\x1b[0m\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %q", want, &out)
		}
	}
	plain := escapes.ReplaceAllString(out.String(), "")
	if plain != f.Diff {
		t.Errorf("without its colours it is not the diff:\n%s", plain)
	}
}
