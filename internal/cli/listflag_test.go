package cli

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAListDropsNothing(t *testing.T) {
	for text, want := range map[string][]string{
		"a":                           {"a"},
		"a,b":                         {"a", "b"},
		"a\nb":                        {"a", "b"},
		"a\r\nb\r\n":                  {"a", "b"},
		"a,b\nc,d\n":                  {"a", "b", "c", "d"},
		" a \n\tb\t":                  {"a", "b"},
		"Head of returns, Pune":       {"Head of returns, Pune"},
		"Head of returns, Pune,meera": {"Head of returns, Pune", "meera"},
		"reason=Late delivery,\tgood": {"reason=Late delivery,\tgood"},
		`"reason=a,b"`:                {"reason=a,b"},
		`"a,b","c ""d""" , e`:         {"a,b", `c "d"`, "e"},
		"\"Amount\nrefunded\"\nb":     {"Amount\nrefunded", "b"},
		`5" disk`:                     {`5" disk`},
	} {
		var l list
		if err := l.Set(text); err != nil || !slices.Equal(l, want) {
			t.Errorf("%q gives %q (%v), want %q", text, l, err, want)
		}
	}
	for text, want := range map[string][]string{"a, b": {"a", "b"}, "a,b": {"a", "b"}, "a,\tb\nc": {"a", "b", "c"}} {
		var w words
		if err := w.Set(text); err != nil || !slices.Equal(w, want) {
			t.Errorf("words: %q gives %q (%v), want %q", text, w, err, want)
		}
	}
}

func TestAnEmptyElementIsRefused(t *testing.T) {
	for _, text := range []string{"", "\n", ",", "a,", ",a", "a,,b", "a, ", "a\n\nb", "a\n\n", "a,\nb", ", a", "a, ,b", `""`, `a,""`, `"a`, `"a"b`, " ", "\r\n"} {
		var l list
		var w words
		if err := l.Set(text); err == nil {
			t.Errorf("%q gives %q", text, l)
		}
		if err := w.Set(text); err == nil {
			t.Errorf("words: %q gives %q", text, w)
		}
	}
}

func TestAListReadsBackUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.StringOfN(rapid.RuneFrom([]rune("ab, \t\n\"=é")), 1, 8, -1)
		want := rapid.SliceOfN(one, 1, 4).Draw(t, "elements")
		for i := range want {
			if strings.TrimSpace(want[i]) == "" {
				want[i] = "a"
			}
		}
		written := list(want)
		var back list
		if err := back.Set(written.String()); err != nil || !slices.Equal(back, written) {
			t.Errorf("%q is written as %s and read as %q (%v)", want, written.String(), back, err)
		}
	})
}
