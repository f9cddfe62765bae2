package layout

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const layoutFile = "testdata/fmt.txtar"

// layoutCases are texts with their canonical layout, or in brief the reason why they stay as they are.
func layoutCases(t testing.TB) []example { return examples(t, layoutFile) }

func TestTheCanonicalLayout(t *testing.T) {
	for _, c := range layoutCases(t) {
		t.Run(c.name, func(t *testing.T) {
			got, found := formatted(t, c.in)
			if len(found) > 0 {
				got = brief(found)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if left := strings.HasPrefix(c.name, "left_"); left != (len(found) > 0) {
				t.Errorf("diagnostics: %s", brief(found))
			}
		})
	}
}

// These bytes are invisible in an editor.
func TestTheLayoutHasNoInvisibleBytes(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"byte order mark", "\uFEFFversion: 1\n", "version: 1\n"},
		{"line ends of Windows", "version: 1\r\n\r\nrefunds: []\r\n", "version: 1\r\n\r\nrefunds: []\r\n"},
		{"line ends of Windows in another layout", "version:  1\r\n\r\n\r\nrefunds: []\r\n", "version: 1\r\n\r\nrefunds: []\r\n"},
		{"mixed line ends", "version: 1\nrefunds: []\r\n", "version: 1\nrefunds: []\r\n"},
		{"mixed line ends in another layout", "version:  1\r\nrefunds: []\n", "version: 1\r\nrefunds: []\r\n"},
		{"no line end", "version: 1", "version: 1\n"},
		{"blanks before line ends", "# a \t\nversion: 1 \nrefunds: [] # b  \n  \n", "# a\nversion: 1\nrefunds: [] # b\n"},
		{"tabs between", "version:\t1\t# a\n", "version: 1 # a\n"},
		{"blanks that a backslash keeps", "version: \"a \\ \r\n\tb\"\n", "version: \"a \\ \r\n  b\"\r\n"},
		{"blanks in a text block", "version: |\n   a  \n     \n\nrefunds: []\n", "version: |\n  a  \n    \n\nrefunds: []\n"},
		{"blanks alone in a text block", "version: |\n     \nrefunds: []\n", "version: |\n\nrefunds: []\n"},
		{"line ends that a text block keeps", "version: |+\n a\n\n\n", "version: |+\n  a\n\n\n"},
		{"nothing", "", ""},
		{"blank lines alone", "\n \n", ""},
		{"a text block without a line end", "version:   |-\n  a", "version: |-\n  a\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, found := formatted(t, c.in); got != c.want || len(found) > 0 {
				t.Errorf("%q, not %q %s", got, c.want, brief(found))
			}
		})
	}
	if _, found := formatted(t, "version: |\n   a"); brief(found) != "2:1 w layout\n" {
		t.Errorf("a line end would become a part of the text: %s", brief(found))
	}
}

// drawnRow is a refund to write in some style: fields in any order, each with the comments above and beside it.
type drawnRow struct {
	above  string
	blank  bool // a blank line comes before it
	fields []drawnField
}

type drawnField struct{ name, value, above, beside string }

func drawRow(t *rapid.T, i int) drawnRow {
	comment := func(where string) string {
		if rapid.IntRange(0, 3).Draw(t, where) > 0 {
			return ""
		}
		return fmt.Sprintf("# %s of %d", where, i)
	}
	r := drawnRow{above: comment("row"), blank: rapid.Bool().Draw(t, "blank")}
	for _, f := range []drawnField{
		{name: "order_id", value: fmt.Sprintf("order_%d", i)}, {name: "refund_id", value: fmt.Sprintf("'refund_%d'", i)},
		{name: "refund_amount", value: fmt.Sprintf("%d.50", i+1)}, {name: "refund_note", value: `"a # note: it's"`},
		{name: "labels", value: "{b: 1, a: 2}"}, {name: "hold", value: "true"}, {name: "not_duplicate_of", value: "[r_1, r_2]"},
	} {
		if f.above, f.beside = comment(f.name), comment("beside "+f.name); f.beside != "" {
			f.beside = strings.Repeat(" ", rapid.IntRange(1, 4).Draw(t, "gap")) + f.beside
		}
		r.fields = append(r.fields, f)
	}
	return r
}

// style is a way to write a manifest.
type style struct {
	list, field int    // how deep
	end         string // of lines
	colon       func() string
}

func (h style) write(rows []drawnRow) string {
	var b strings.Builder
	line := func(depth int, text string) { b.WriteString(strings.Repeat(" ", depth) + text + h.end) }
	line(0, "version: 1")
	line(0, "refunds:")
	for i, r := range rows {
		if r.blank && i > 0 {
			line(0, "")
		}
		if r.above != "" {
			line(h.list, r.above)
		}
		for i, f := range r.fields {
			if f.above != "" {
				line(h.list+h.field, f.above)
			}
			lead := strings.Repeat(" ", h.field)
			if i == 0 {
				lead = "-" + lead[1:]
			}
			line(h.list, lead+f.name+":"+h.colon()+f.value+f.beside)
		}
	}
	return b.String()
}

// A manifest gets the same layout in whatever style it is written, and every comment keeps its place. Line ends stay.
func TestEveryStyleGetsTheSameLayout(t *testing.T) {
	canonical := style{2, 2, "\n", func() string { return " " }}
	rapid.Check(t, func(t *rapid.T) {
		var wild, neat []drawnRow
		for i := range rapid.IntRange(1, 4).Draw(t, "rows") {
			r := drawRow(t, i)
			shuffled := drawnRow{r.above, r.blank, rapid.Permutation(r.fields).Draw(t, "order")}
			first := &shuffled.fields[0]
			at := slices.IndexFunc(r.fields, func(f drawnField) bool { return f.name == first.name })
			first.above, r.fields[at].above = "", "" // above a first field is above its row
			if above := r.fields[0].above; above != "" {
				r.fields[0].above = ""
				r.above = strings.TrimPrefix(r.above+"\n  "+above, "\n  ")
			}
			wild, neat = append(wild, shuffled), append(neat, r)
		}
		text := style{
			rapid.IntRange(0, 5).Draw(t, "list"), rapid.IntRange(2, 5).Draw(t, "field"), rapid.SampledFrom([]string{"\n", "\r\n", "  \n"}).Draw(t, "end"),
			func() string { return rapid.SampledFrom([]string{" ", "   ", "\t"}).Draw(t, "colon") },
		}.write(wild)
		got, found, err := FormatText("a.yaml", []byte(text))
		if diff := cmp.Diff(canonical.write(neat), strings.ReplaceAll(string(got), "\r\n", "\n")); diff != "" || err != nil || len(found) > 0 {
			t.Fatalf("%v %s\n%s(-want +got)\n%s", err, brief(found), text, diff)
		}
	})
}

// scrawl writes YAML in every possible way.
type scrawl struct {
	*rapid.T
	strings.Builder
}

func (s *scrawl) oneOf(texts ...string) string { return rapid.SampledFrom(texts).Draw(s.T, "text") }
func (s *scrawl) chance(n int) bool            { return rapid.IntRange(1, n).Draw(s.T, "chance") == 1 }

func (s *scrawl) add(texts ...string) {
	for _, text := range texts {
		s.WriteString(text)
	}
}

// between writes what may be between two parts.
func (s *scrawl) between(depth int) {
	for s.chance(3) {
		s.add(s.oneOf("\n", strings.Repeat(" ", rapid.IntRange(0, depth+3).Draw(s.T, "depth"))+s.oneOf("# c\n", "#\n", "# - d: 'e\n")))
	}
}

func (s *scrawl) lineEnd() { s.add(s.oneOf("\n", "\n", " \n", "  # beside\n", "\t# tab\n")) }

// value follows a key or a dash in column depth.
func (s *scrawl) value(depth, left int) {
	inner := strings.Repeat(" ", depth+1+rapid.IntRange(0, 3).Draw(s.T, "inner"))
	if left > 0 && s.chance(3) {
		s.add(s.oneOf("", "", " &a", " !!map"))
		s.lineEnd()
		s.between(len(inner))
		s.mapping(len(inner), left-1, false)
		return
	}
	if left > 0 && s.chance(3) {
		s.add(s.oneOf("", "", " &b", " !!seq"))
		s.lineEnd()
		s.list(len(inner), left-1, false)
		return
	}
	s.add(s.oneOf(" ", "  ", "\t", " &c ", " !!str "))
	switch rapid.IntRange(0, 6).Draw(s.T, "style") {
	case 0:
		s.add("|", s.oneOf("", "-", "+", "1", "1-", "+2"), s.oneOf("\n", " # head\n"), inner, "   text # in\n", s.oneOf("", "\n", "  \n"), inner, "    - more\n", s.oneOf("", "\n\n"))
		return
	case 1:
		s.add(">", s.oneOf("-", "+"), "\n", s.oneOf("", "\n"), inner, "folded\n\n", inner, " \n")
		return
	case 2:
		s.add("plain ", s.oneOf("text", "it's #1", "\n"+inner+"- over\n\n"+inner+"lines", "a:b", "x", "- y"))
	case 3:
		s.add(s.oneOf(`""`, `'it''s'`, `"a \" # b"`, "'over\n\n \t "+inner+"lines'", "\"over \\ \n"+inner+"\\\n lines\""))
	case 4:
		s.flow(inner, left)
	case 5:
		s.add(s.oneOf("*a", "1149.750", "~", "-1", "&d"))
	}
	s.lineEnd()
}

func (s *scrawl) flow(inner string, left int) {
	gap := func() string {
		return s.oneOf("", "", " ", "  ", "\n"+inner, " # in\n"+inner, "\n\n\n"+inner, "\n# c\n\n"+inner)
	}
	open, end := "[", "]"
	if s.chance(2) {
		open, end = "{", "}"
	}
	s.add(open, gap())
	for i := range rapid.IntRange(0, 3).Draw(s.T, "entries") {
		if i > 0 {
			s.add(",", gap())
		}
		if s.chance(2) || open == "{" {
			s.add(s.oneOf("refund_id", "order_id", `"amount"`, "vendor_id", "k"), s.oneOf(": ", " : ", ":\n"+inner, " :   "))
		}
		if left > 0 && s.chance(3) {
			s.flow(inner, left-1)
		} else {
			s.add(s.oneOf("a", "1.50", "*a", "'b, c'", "\"d\n"+inner+"e\"", "f g", "h\n"+inner+"i", "j:k", "!!str ", "&e l", "", "m#n"))
		}
		s.add(gap())
	}
	s.add(s.oneOf("", "", ","), end)
}

func (s *scrawl) mapping(depth, left int, beside bool) {
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"order_id", "refund_id", "refund_amount", `"labels"`, "'hold'", "refund_splits", "vendor_id", "amount", "&k x"}),
		1, 4, rapid.ID).Draw(s.T, "keys")
	for i, key := range keys {
		if i > 0 {
			s.between(depth)
		}
		if i > 0 || !beside {
			s.add(strings.Repeat(" ", depth))
		}
		s.add(key, s.oneOf("", "", " "), ":")
		s.value(depth, left)
	}
}

func (s *scrawl) list(depth, left int, beside bool) {
	for i := range rapid.IntRange(1, 3).Draw(s.T, "items") {
		s.between(depth)
		if i > 0 || !beside {
			s.add(strings.Repeat(" ", depth))
		}
		s.add("-")
		switch n := rapid.IntRange(1, 3).Draw(s.T, "gap"); {
		case left > 0 && s.chance(2):
			s.add(strings.Repeat(" ", n))
			s.mapping(depth+1+n, left-1, true)
		default:
			s.value(depth, left)
		}
	}
}

func (s *scrawl) manifest() string {
	s.add(s.oneOf("", "\uFEFF", "# top\n\n", "\n"))
	for i := range rapid.IntRange(1, 2).Draw(s.T, "documents") {
		if i > 0 {
			s.between(0)
			s.add(s.oneOf("---\n", "...\n---  # next\n"))
		}
		if s.chance(6) {
			s.add(s.oneOf("", "# beside\n"))
			s.flow("", 4)
			s.lineEnd()
			continue
		}
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"version", "account", "defaults", "refunds"}), 1, 4, rapid.ID).Draw(s.T, "keys") {
			s.between(0)
			s.add(key, ":")
			if key == "refunds" && s.chance(2) {
				s.lineEnd()
				s.list(rapid.IntRange(0, 2).Draw(s.T, "list"), 4, false)
			} else {
				s.value(0, 4)
			}
		}
	}
	s.between(0)
	return s.String()
}

// fmt formats whatever the YAML reader accepts, or leaves it as it is, and never changes its meaning.
func TestEveryScrawlKeepsItsMeaning(t *testing.T) {
	laid := 0
	rapid.Check(t, func(t *rapid.T) {
		s := &scrawl{T: t}
		if _, found := formatted(t, s.manifest()); len(found) == 0 {
			laid++
		}
	})
	t.Logf("%d formatted", laid)
	if laid == 0 {
		t.Error("not one was formatted")
	}
}
