package view_test

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// deepest is the column from which a view continues a text at most.
const deepest = 24

// tooWide are the lines that leave the screen although they could be broken. A request's body stays
// in one piece, and so does a word, an id above all.
func tooWide(out string, width int) (lines []string) {
	for line := range strings.Lines(out) {
		for _, shown := range strings.Split(strings.TrimSuffix(line, "\n"), "\r\x1b[K") {
			shown = escapes.ReplaceAllString(shown, "")
			widest := 0
			for word := range strings.FieldsSeq(shown) {
				widest = max(widest, utf8.RuneCountInString(word))
			}
			if utf8.RuneCountInString(shown) > width && widest <= width-deepest && !strings.HasPrefix(shown, "  body ") {
				lines = append(lines, shown)
			}
		}
	}
	return lines
}

func TestNoLineIsWiderThanTheScreen(t *testing.T) {
	for _, width := range []int{40, 80, 200} {
		for name, write := range texts(view.Style{Width: width, Color: true}, leave) {
			if lines := tooWide(string(printed(t, write)), width); len(lines) > 0 {
				t.Errorf("%s at %d columns:\n%s", name, width, strings.Join(lines, "\n"))
			}
		}
	}
}

func TestNoLineOfAnyPlanIsWiderThanTheScreen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := generated(t)
		width := rapid.SampledFrom([]int{40, 80, 200}).Draw(t, "width")
		s := view.Style{Width: width, Color: rapid.Bool().Draw(t, "colour")}
		var b strings.Builder
		if err := view.Plan(&b, p, view.PlanFile{}, view.PlanOptions{Style: s, Verbose: true}); err != nil {
			t.Fatal(err)
		}
		if lines := tooWide(b.String(), width); len(lines) > 0 {
			t.Fatalf("at %d columns:\n%s", width, strings.Join(lines, "\n"))
		}
		for _, c := range p.Changes {
			if !strings.Contains(b.String(), c.ID.RefundID) {
				t.Fatalf("%s is not whole in\n%s", c.ID.RefundID, b.String())
			}
		}
	})
}

// generated is a plan of any actions, ids, amounts and reasons.
func generated(t *rapid.T) *plan.Plan {
	p := &plan.Plan{CreatedAt: at(14, 3), Refresh: plan.Auto, Parents: map[refund.Parent]plan.ParentRead{},
		Accounts: []plan.Account{{Name: "shop", API: "cashfree", Environment: "production", Fingerprint: "fp-shop"}}}
	id := rapid.StringMatching(`[a-z_]{3,40}`)
	text := rapid.StringMatching(`[a-z₹,.]{1,12}( [a-z₹,.]{1,12}){0,20}`)
	for i := range rapid.IntRange(1, 12).Draw(t, "rows") {
		parent := refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: id.Draw(t, "order_id")}
		amount := money.Amount{Minor: rapid.Int64Range(1, 1e13).Draw(t, "amount"), Currency: rapid.SampledFrom([]money.Currency{money.INR, "JPY", "BHD"}).Draw(t, "currency")}
		c := desired(parent, fmt.Sprintf("%.37s_%d", id.Draw(t, "refund_id"), i), amount, rapid.SampledFrom(plan.Actions).Draw(t, "action"), i+1)
		c.Entry = &state.Entry{Phase: state.Accepted, Status: rapid.SampledFrom([]refund.Status{refund.Pending, refund.OnHold, refund.Cancelled}).Draw(t, "status")}
		c = because(c, plan.Reason{Code: "code", Message: text.Draw(t, "reason"), Hint: text.Draw(t, "hint")})
		p.Parents[parent] = plan.ParentRead{Parent: parent, ListedAt: at(14, 0), Facts: refund.Facts{Known: true, Captured: amount}}
		p.Changes = append(p.Changes, c)
	}
	return p
}

// palette are the colours that can be read on a light and on a dark background.
var palette = regexp.MustCompile("\x1b\\[(0|1|31|32|35|36)m")

func TestColoursCanBeReadOnLightAndDark(t *testing.T) {
	for name, write := range texts(view.Style{Width: 80, Color: true}, leave) {
		if rest := escapes.FindString(palette.ReplaceAllString(string(printed(t, write)), "")); rest != "" {
			t.Errorf("%s paints with %q", name, rest)
		}
	}
}

// Green and cyan are pale on white: only a sign may have them, beside its word.
func TestOnlySignsUsePaleColours(t *testing.T) {
	pale := regexp.MustCompile("\x1b\\[(32|36)m([^\x1b]*)")
	out := string(printed(t, func(w io.Writer) error {
		return view.Plan(w, detailed(), view.PlanFile{}, view.PlanOptions{Style: view.Style{Width: 80, Color: true}})
	}))
	painted := pale.FindAllStringSubmatch(out, -1)
	for _, m := range painted {
		if utf8.RuneCountInString(m[2]) > 1 {
			t.Errorf("%q is pale", m[2])
		}
	}
	if len(painted) == 0 {
		t.Error("nothing is painted")
	}
}
