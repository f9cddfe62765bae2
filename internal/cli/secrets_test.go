package cli

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestASecretSplitAcrossWritesIsNeverPrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := secrets{"aabaab-secret", "ab-secret"}
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"aabaab-secret", "ab-secret", "a", "b", "-", "aab", "x"})).Draw(t, "text"), "")
		var got strings.Builder
		w := s.redactor(&got)
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "n")
			if m, err := w.Write([]byte(rest[:n])); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		w.flush()
		if s.in(got.String()) {
			t.Errorf("%q is written as %q", text, got.String())
		}
		if !s.in(text) && got.String() != text {
			t.Errorf("%q is written as %q", text, got.String())
		}
	})
}
