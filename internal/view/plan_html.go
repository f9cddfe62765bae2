package view

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"sync"

	"refundctl/plan"
)

// The parts of the page. All rows are in the HTML itself: without the script only the filter is missing.
var (
	//go:embed page/plan.html
	pageHTML string
	//go:embed page/plan.css
	pageStyle string
	//go:embed page/plan.js
	pageScript string
)

var pageTemplate = sync.OnceValue(func() *template.Template { return template.Must(template.New("plan").Parse(pageHTML)) })

// PlanHTML prints a plan as one page that loads nothing: sums with bars, then every row, those that wait for
// a person first, with filters by action, order and label. Its policy allows only its own style and script.
// It returns the writer's error.
func PlanHTML(w io.Writer, p *plan.Plan, f PlanFile) error {
	totals := p.Summary()
	all, superseded := p.Total()
	b := bufio.NewWriter(w)
	err := pageTemplate().Execute(b, page{
		Policy: "default-src 'none'; style-src " + hashOf(pageStyle) + "; script-src " + hashOf(pageScript) + "; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(pageStyle), Script: template.JS(pageScript),
		Headline: "Refund plan: " + toSend(totals), First: lookFirst(p.Changes), Facts: pageFacts(p, f, totals), Totals: pageTotals(totals, all),
		Shown: shownAll(all, superseded), Long: len(p.Changes) > 300, Parts: pageParts(p),
	})
	if err != nil {
		return err
	}
	return b.Flush()
}

// hashOf names an inline text in a Content-Security-Policy.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// page is the data of the template. Its texts are escaped as for a terminal; the template escapes them for
// HTML.
type page struct {
	Policy   string
	Style    template.CSS
	Script   template.JS
	Headline string
	First    string
	Facts    []fact
	Totals   []pageTotal
	Shown    string
	Long     bool // many rows: the browser lays out only the visible ones
	Parts    []pagePart
}

func pageFacts(p *plan.Plan, f PlanFile, totals map[plan.Action]plan.Tally) []fact {
	facts := []fact{{"reads", cost(p, totals[plan.Create].Count)}, {"made", Time(p.CreatedAt)}, {"accounts", Escape(accounts(p))}}
	for _, text := range ledgerRemarks(p) {
		facts = append(facts, fact{"ledger", text})
	}
	if !f.ExpiresAt.IsZero() {
		facts = append(facts, fact{"expires", Time(f.ExpiresAt)})
	}
	return withValue(append(facts, fact{"digest", Escape(f.Digest)}))
}

// shownAll is the sentence on all rows, in the same words as the script uses for the visible ones.
func shownAll(all plan.Tally, superseded int) string {
	text := count(all.Count, "refund")
	for _, a := range all.Amounts {
		text += " · " + Escape(a.Human())
	}
	if superseded > 0 {
		text += " · " + grouped(superseded) + " superseded, not counted"
	}
	return text
}
