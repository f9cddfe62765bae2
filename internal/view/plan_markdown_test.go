package view_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"pgregory.net/rapid"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
)

// markups are texts that a note may hold, and that must stay texts.
var markups = []string{
	`<script>document.title="hit"</script>`, `"><img src=x onerror="document.title='hit'">`, `</details></table><h1>x</h1>`, `<a href=javascript:hit()>x</a>`,
	`<!-- x --> --> <!--`, `</title></style><svg onload=hit()>`, `{{.}} ${hit}`, `&lt;b&gt;x&lt;/b&gt; &#60;i&#62; &amp; &copy`,
	`[x](https://evil.example)`, `![x](https://evil.example/x.png)`, `[x][y] [y]: https://evil.example`, `<https://evil.example>`, `[^1] [^1]: x`,
	`https://evil.example/x www.evil.example ftp://evil.example`, `a@evil.example mailto:a@evil.example`, `@octocat @org/team x@y`,
	`#17 GH-17 octo/repo#17 !17 ~bug %17 &17 ^alert#17 $17 $x^2$`, `:smile: :+1: :100:`,
	"`x` ``` ~~~ x", `| x | y | \| z`, `a*x*b a_x_b a**x**b a~~x~~b *x* _x_ **x** __x__ ~~x~~ ==x==`, `# x`, `- [x] x`, `* x`, `+ x`, `1. x`, `1) x`, `> x`, `---`, `===`, `    x y`,
	`\`, `x\`, `\\ \* \<b>`, "x\n\n# y\n\n| z |", "x\r\n<b>y", hostile,
}

// rendered GFM, as a forge does it: raw HTML is let through, so nothing but our own may be there.
func toHTML(t rapid.TB, markdown string) string {
	t.Helper()
	var b bytes.Buffer
	gfm := goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(html.WithUnsafe(), html.WithXHTML()))
	if err := gfm.Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// anatomy are the elements of a rendered comment with their attributes, and the texts between
// elements and comments.
func anatomy(t rapid.TB, text string) (elements, texts []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.Entity = false, xml.HTMLEntity
	for {
		token, err := d.Token()
		if err == io.EOF {
			return elements, texts
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements = append(elements, fmt.Sprint(token.Name.Local, token.Attr))
		case xml.CharData:
			texts = append(texts, string(token))
		}
	}
}

// filled is the detailed plan with one text everywhere. The differences are where they were.
func filled(text string) *plan.Plan {
	p := detailed()
	fill(p, text)
	for i := range p.Changes {
		if spec := p.Changes[i].Spec; spec != nil {
			spec.Labels = map[string]string{text: text}
		}
	}
	return p
}

// references are what a forge finds in a rendered text.
var references = regexp.MustCompile(`@[A-Za-z0-9]|[#!~%&^$][A-Za-z0-9]|(?i)gh-[0-9]|:[0-9]*[a-z_+-][a-z0-9_+-]*:|:100:|[a-z]://|\$[^ ]`)

func TestMarkdownKeepsForeignTextFromBeingMarkup(t *testing.T) {
	const plain = "Zq9"
	harmless, texts := anatomy(t, toHTML(t, rendered(t, view.Markdown, filled(plain))))
	times := strings.Count(strings.Join(texts, ""), plain)
	if times < 50 {
		t.Fatalf("a text that is everywhere is there %d times", times)
	}
	for _, text := range markups {
		t.Run(text, func(t *testing.T) {
			out := rendered(t, view.Markdown, filled(text))
			elements, texts := anatomy(t, toHTML(t, out))
			if !slices.Equal(elements, harmless) {
				t.Errorf("other elements than with a harmless text: %.300s\n%.3000s", elements, out)
			}
			want := strings.TrimSpace(view.Escape(text))
			if got := strings.Count(strings.Join(texts, ""), want); got != times {
				t.Errorf("it reads as the original %d times of %d:\n%.3000s", got, times, out)
			}
			for _, part := range texts {
				if found := references.FindString(part); found != "" {
					t.Errorf("%q is found in %q", found, part)
				}
			}
			if strings.Contains(out, "@") {
				t.Errorf("an @ is in\n%s", out)
			}
		})
	}
}

func TestMarkdownReadsAsTheOriginal(t *testing.T) {
	words := append(slices.Clone(markups), strings.Split("a b 7 gh GH- www. http:// @ # < > & ; \" ' ` ~ * _ - + = | \\ / [ ] ( ) { } ! ? . , : $ % ^ ₹ \n", " ")...)
	none, _ := anatomy(t, toHTML(t, rendered(t, view.Markdown, noted("x"))))
	rapid.Check(t, func(rt *rapid.T) {
		note := "x" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 12).Draw(rt, "words"), "") + "x"
		if utf8.RuneCountInString(view.Escape(note)) > 250 {
			rt.Skip("it is cut")
		}
		elements, texts := anatomy(rt, toHTML(rt, rendered(t, view.Markdown, noted(note))))
		if !slices.Equal(elements, none) {
			rt.Errorf("elements: %s", elements)
		}
		one := func(text string) string { return strings.Join(strings.Fields(text), " ") }
		if all := one(strings.Join(texts, "")); !strings.Contains(all, "refund_note: "+one(view.Escape(note))) {
			rt.Errorf("%q is not in %q", note, all)
		}
	})
}

// noted is a plan of one row with a note.
func noted(note string) *plan.Plan {
	p := few()
	p.Changes[0].Spec.Note = note
	return p
}

func TestMarkdownHasTheSumsFirstThenWhatIsPressingThenWhatIsSent(t *testing.T) {
	out := rendered(t, view.Markdown, detailed())
	golden(t, "plan.md", []byte(out))
	golden(t, "plan.md.html", []byte(toHTML(t, out)))
}

var cut = regexp.MustCompile(`\*\*Cut to fit a comment: ([\d,]+) refunds? not shown, (.*)\.\*\*`)

// titled is the number of refunds in the title of a section.
var titled = regexp.MustCompile(`^.*: ([\d,]+) refund`)

func TestMarkdownOfAnySizeFitsACommentAndSaysWhatWasCut(t *testing.T) {
	long := strings.Repeat("<@#|₹", 1000)
	for name, p := range map[string]*plan.Plan{
		"rows": large(10000), "pressing": every(10000, plan.Blocked), "creates": every(10000, plan.Create), "actions": mixed(2000),
		"long texts": filled(long), "long rows": wordy(2000, long), "small": detailed(), "empty": settledPlan(0),
	} {
		t.Run(name, func(t *testing.T) {
			out := rendered(t, view.Markdown, p)
			if n := utf8.RuneCountInString(out); n >= 65536 || len(out) > 60000 {
				t.Errorf("%d characters, %d bytes", n, len(out))
			}
			if strings.Count(out, "<details>") != strings.Count(out, "</details>") {
				t.Error("a fold is not closed")
			}
			total := 0
			for _, line := range regexp.MustCompile(`(?m)^- [^ ]+ ([\d,]+) `).FindAllStringSubmatch(out, -1) {
				total += number(line[1])
			}
			for _, section := range regexp.MustCompile(`(?m)^(?:#### |<details>)`).Split(out, -1)[1:] {
				if strings.Contains(section, ", by reason\n") {
					continue // a table of them all follows
				}
				rows := max(0, strings.Count(section, "\n| ")-1)
				if m := cut.FindStringSubmatch(section); m != nil {
					hidden := number(m[1])
					rows += hidden
				}
				if title := titled.FindStringSubmatch(section); title != nil && number(title[1]) != rows {
					t.Errorf("%d rows are accounted for in\n%.200s", rows, section)
				}
				if !strings.HasPrefix(strings.TrimPrefix(section, "<summary>"), "What ") {
					total += rows
				}
			}
			want, synced, remarked := 0, 0, false
			for _, c := range p.Changes {
				if c.Action == plan.InSync {
					synced, remarked = synced+1, remarked || len(c.Attention) > 0
				} else {
					want++
				}
			}
			if remarked {
				want += synced
			}
			if total != want {
				t.Errorf("%d refunds are counted, %d are not in sync", total, want)
			}
		})
	}
}

func TestMarkdownNamesTheMoneyThatWasCut(t *testing.T) {
	p := every(5000, plan.Create)
	out := rendered(t, view.Markdown, p)
	m := cut.FindStringSubmatch(out)
	hidden := number(m[1])
	var sum int64
	for _, c := range p.Changes[len(p.Changes)-hidden:] {
		sum += c.Amount.Minor
	}
	if want := (money.Amount{Minor: sum, Currency: money.INR}).Human(); m[2] != want {
		t.Errorf("%s, not %s", m[2], want)
	}
}

// number reads a count with commas.
func number(text string) int {
	n, _ := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	return n
}

// every is a plan of n rows with one action.
func every(n int, a plan.Action) *plan.Plan {
	p := large(n)
	for i := range p.Changes {
		p.Changes[i].Action = a
	}
	return p
}

// mixed has n rows of each action, with a word on each.
func mixed(n int) *plan.Plan {
	p := large(n * len(plan.Actions))
	for i := range p.Changes {
		p.Changes[i].Action = plan.Actions[i%len(plan.Actions)]
		p.Changes[i].Attention = []plan.Reason{{Code: "x", Message: "y"}}
	}
	return p
}

// wordy has a long text in every place of n rows of each action.
func wordy(n int, text string) *plan.Plan {
	p := mixed(n)
	for i := range p.Changes {
		c := &p.Changes[i]
		c.ID.RefundID, c.ID.ID = text, text
		c.Reasons, c.Attention = []plan.Reason{{Code: text, Message: text, Hint: text}}, []plan.Reason{{Code: text, Message: text}}
		c.Live = &refund.Live{RefundID: text, ParentID: text + text, Note: text, Status: refund.Status(text), Amount: inr(1)}
	}
	return p
}

// Whatever else a plan has, a reader of the comment sees what needs a person, and what is sent.
func TestMarkdownShowsWhatMustBeDecidedAtItsBeginning(t *testing.T) {
	for name, p := range burying() {
		t.Run(name, func(t *testing.T) {
			out := rendered(t, view.Markdown, p)
			for _, want := range []string{"the_create", "the_blocked"} {
				if head := out[:min(len(out), 8000)]; !strings.Contains(head, want) {
					t.Errorf("no %s in\n%s", want, head)
				}
			}
		})
	}
}

func TestMarkdownFoldsOnlyLongTables(t *testing.T) {
	if out := rendered(t, view.Markdown, detailed()); strings.Contains(out, "<details>") {
		t.Errorf("a short table is folded:\n%s", out)
	}
	out := rendered(t, view.Markdown, every(21, plan.Create))
	if !strings.Contains(out, "<details><summary>+ to send: 21 refunds") {
		t.Errorf("a long table is not folded:\n%s", out)
	}
}

// What is sent is the last to be cut, and the beginning says what was.
func TestMarkdownCutsTheLeastImportantFirst(t *testing.T) {
	p := every(600, plan.Blocked)
	for i := range p.Changes {
		if i%2 == 0 {
			p.Changes[i] = create(p.Changes[i].ID.Parent, p.Changes[i].ID.RefundID, p.Changes[i].Amount, i)
			p.Changes[i].Spec.Note = "a note"
		}
	}
	out := rendered(t, view.Markdown, p)
	head, _, _ := strings.Cut(out, "####")
	if !strings.Contains(head, "**Cut to fit a comment. Not listed: ") || strings.Contains(head, "to send,") && strings.Contains(head, " to send, 1") {
		t.Errorf("the beginning does not say what was cut:\n%s", head)
	}
	for i := 0; i < 600; i += 2 {
		if !strings.Contains(out, "| "+p.Changes[i].ID.RefundID+" |") {
			t.Fatalf("%s is sent and not listed", p.Changes[i].ID.RefundID)
		}
	}
}
