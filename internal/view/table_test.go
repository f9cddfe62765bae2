package view

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// names are texts whose characters take another number of cells than of bytes or of runes.
var names = []string{"returns", "रिटर्न", "ग्राहक सेवा", "வாடிக்கையாளர்", "顧客対応", "返品 ✅", "👍🏽", "🇮🇳 उत्सव", "e\u0301te\u0301", "±§¤", ""}

func rendered(t table, width int, rows [][]cell) string {
	var out bytes.Buffer
	p := newPrinter(&out, Style{Width: width})
	p.table(t, rows)
	_ = p.Flush()
	return out.String()
}

func TestColumnsAlignInTerminalCells(t *testing.T) {
	rows := make([][]cell, 0, len(names))
	for _, name := range names {
		rows = append(rows, []cell{{text: name}, {text: "₹1.00"}, {text: "|"}})
	}
	out := rendered(table{columns: []column{{head: "LABEL"}, {right: true, head: "AMOUNT"}, {}}}, 80, rows)
	at := map[int]bool{}
	for line := range strings.Lines(out) {
		if before, _, found := strings.Cut(line, "|"); found {
			at[widthOf(before)] = true
		}
	}
	if len(at) != 1 {
		t.Errorf("the last column begins at %v:\n%s", at, out)
	}
}

// What terminals do with the texts of names.
func TestTheWidthOfATextIsItsTerminalCells(t *testing.T) {
	for text, want := range map[string]int{
		"₹1,20,450.00": 12, "顧客": 4, "✅": 2, "👍🏽": 2, "🇮🇳": 2, "e\u0301": 1, "हिन्दी": 5, "தமிழ்": 4, "±": 1, "…": 1, "\x1b[31mx\x1b[0m": 1,
	} {
		if got := widthOf(text); got != want {
			t.Errorf("%q: %d cells, want %d", text, got, want)
		}
	}
}

func TestATextIsCutBetweenTwoCharacters(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"returns", 7, "returns"}, {"returns", 5, "retu…"}, {"顧客対応", 6, "顧客…"}, {"顧客対応", 4, "顧…"}, {"e\u0301e\u0301e\u0301", 2, "e\u0301…"}, {"👍🏽👍🏽", 3, "👍🏽…"}, {"🇮🇳🇮🇳", 3, "🇮🇳…"},
	} {
		if got := cut(c.text, c.width); got != c.want {
			t.Errorf("%q in %d cells: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// A row is whole at any width: what does not fit in its columns continues below.
func TestATableLosesNoText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(append([]string{"refund_summer_fashion_001_size", "₹1,20,450.00"}, names...))
		var rows [][]cell
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			rows = append(rows, []cell{{text: text.Draw(t, "a")}, stacked(rapid.SliceOfN(text, 0, 3).Draw(t, "b")), {text: text.Draw(t, "c"), hue: red}, {text: text.Draw(t, "d")}})
		}
		folds := []column{{}, {right: true, fold: below, label: "paid"}, {loose: true}, {hang: rapid.Bool().Draw(t, "hang"), fold: below}}
		width := rapid.IntRange(40, 100).Draw(t, "width")
		out := rendered(table{deeper: 4, columns: folds}, width, rows)
		flat := strings.Join(strings.Fields(out), " ")
		for _, row := range rows {
			for _, c := range row {
				for n := range 1 + len(c.more) {
					if !strings.Contains(flat, c.line(n)) {
						t.Fatalf("%q is missing at %d columns:\n%s", c.line(n), width, out)
					}
				}
			}
		}
		for line := range strings.Lines(out) {
			if n := widthOf(strings.TrimSuffix(line, "\n")); n > width {
				t.Fatalf("%d cells on a screen of %d:\n%s", n, width, out)
			}
		}
	})
}
