package view

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"refundctl/internal/money"
	"refundctl/plan"
)

// pageTotal is one action's line in the totals.
type pageTotal struct {
	Sign, Action string
	Count        string
	Bars         []pageBar
}

// pageBar is the money of an action in one currency, and its share of the plan's money.
type pageBar struct {
	Amount  string
	Length  int64 // of 1000
	Percent string
}

func pageTotals(totals map[plan.Action]plan.Tally, all plan.Tally) []pageTotal {
	whole := map[money.Currency]int64{}
	for _, a := range all.Amounts {
		whole[a.Currency] = a.Minor
	}
	var lines []pageTotal
	for _, action := range totalsOrder() {
		t := totals[action]
		if t.Count == 0 {
			continue
		}
		line := pageTotal{Sign: string(action), Action: action.String(), Count: grouped(t.Count)}
		for _, a := range t.Amounts {
			share := thousandths(a.Minor, whole[a.Currency])
			line.Bars = append(line.Bars, pageBar{Escape(a.Human()), barLength(share, a.Minor), percent(share, a.Minor)})
		}
		lines = append(lines, line)
	}
	return lines
}

// thousandths is the share of part in all, rounded down; 0 if it makes no sense.
func thousandths(part, all int64) int64 {
	if part <= 0 || part > all {
		return 0
	}
	high, low := bits.Mul64(uint64(part), 1000)
	share, _ := bits.Div64(high, low, uint64(all))
	return int64(share)
}

// barLength is the length of a bar. A little money stays visible.
func barLength(share, minor int64) int64 {
	if minor > 0 {
		return max(share, 4)
	}
	return share
}

func percent(share, minor int64) string {
	if share < 10 && minor > 0 {
		return "< 1 %"
	}
	return fmt.Sprintf("%d %%", share/10)
}

// pagePart is rows under a heading, in lists that a browser can lay out one by one.
type pagePart struct {
	Title string
	About string
	Fold  bool // the reader opens it
	Lists [][]pageRow
}

// listed is how many rows a list has at most. The style sheet uses the same number.
const listed = 50

type pageRow struct {
	Sign, Action       string
	Word, Status       string // the action and the outcome for people
	ID, Parent         string
	Known              []string
	Amount, Major      string
	Currency           money.Currency
	Superseded         bool
	Reasons, Attention []plan.Reason
	WithoutHold        []plan.Reason
	Differences        []difference
	Facts              []fact
	Labels             []string
	Source             string
}

// pageParts are the rows in the order in which a reviewer reads them. The rest is folded, and so are many pressing
// rows, by reason: what would be sent stays near the top.
func pageParts(p *plan.Plan) []pagePart {
	all := agendaOf(p)
	parts := pressingParts(p, all.pressing)
	add := func(title, about string, fold bool, rows []*plan.Change) {
		if len(rows) > 0 {
			parts = append(parts, pagePart{title, about, fold, pageLists(p, rows)})
		}
	}
	add(sendTitle(all.creates), "", false, all.creates)
	add(count(len(all.held), "held refund"), "", len(all.held) > fewHeld, all.held)
	for _, o := range all.others {
		add(otherTitle(o.action, o.word(), o.rows), o.about(), true, o.rows)
	}
	return parts
}

// fewOnPage is how many pressing rows the page shows before what would be sent.
const fewOnPage = 5

func pressingParts(p *plan.Plan, pressing []*plan.Change) []pagePart {
	switch {
	case len(pressing) == 0:
		return nil
	case len(pressing) <= fewOnPage:
		return []pagePart{{Title: "Needs attention: " + count(len(pressing), "refund"), Lists: pageLists(p, pressing)}}
	}
	var parts []pagePart
	for _, g := range causesOf(pressing) {
		about := g.codes
		if c := g.rows[0]; len(c.Reasons) > 0 {
			about += ": " + Escape(shorten(c.Reasons[0].Message, longest))
		}
		parts = append(parts, pagePart{otherTitle(g.action, g.action.String(), g.rows), about, true, pageLists(p, g.rows)})
	}
	return parts
}

// otherTitle is an action with its count and money.
func otherTitle(a plan.Action, word string, rows []*plan.Change) string {
	return string(a) + " " + grouped(len(rows)) + " " + word + " " + briefly(sumOf(rows))
}

func pageLists(p *plan.Plan, changes []*plan.Change) [][]pageRow {
	return slices.Collect(slices.Chunk(pageRows(p, changes), listed))
}

func pageRows(p *plan.Plan, changes []*plan.Change) []pageRow {
	rows := make([]pageRow, 0, len(changes))
	for _, one := range changes {
		c := *one
		rows = append(rows, pageRow{
			Sign: string(c.Action), Action: c.Action.String(), Word: actionWord(c), Status: beside(c),
			ID: rowID(c), Parent: Escape(parentOf(p, c)), Known: escaped(parentFacts(p.Parents[c.ID.Parent])),
			Amount: Escape(c.Amount.Human()), Major: c.Amount.String(), Currency: c.Amount.Currency, Superseded: c.Superseded,
			Reasons: shownReasons(ownReasons(c)), WithoutHold: shownReasons(reasonsWithoutHold(c)), Attention: shownReasons(c.Attention), Differences: shownDifferences(c),
			Facts: shownFacts(c), Labels: rowLabels(c), Source: Escape(where(c.Source())),
		})
	}
	return rows
}

// parentOf is the parent, with the account if there are several.
func parentOf(p *plan.Plan, c plan.Change) string {
	text := string(c.ID.Kind) + " " + c.ID.ID
	if len(p.Accounts) > 1 {
		text += " (account " + c.AccountName + ")"
	}
	return text
}

// rowLabels are NAME=TEXT, as in --target.
func rowLabels(c plan.Change) []string {
	if c.Spec == nil {
		return nil
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(c.Spec.Labels)) {
		all = append(all, Escape(name+"="+c.Spec.Labels[name]))
	}
	return all
}

func escaped(texts []string) []string {
	for i := range texts {
		texts[i] = Escape(texts[i])
	}
	return texts
}

func shownReasons(reasons []plan.Reason) []plan.Reason {
	shown := make([]plan.Reason, 0, len(reasons))
	for _, r := range reasons {
		shown = append(shown, plan.Reason{Code: Escape(r.Code), Message: Escape(r.Message), Hint: Escape(r.Hint)})
	}
	return shown
}

// shownFacts leaves out what the differences show.
func shownFacts(c plan.Change) []fact {
	found := differences(c)
	facts := slices.DeleteFunc(requestedFacts(c), func(f fact) bool {
		return slices.ContainsFunc(found, func(d difference) bool { return d.Field == f.Name })
	})
	for i := range facts {
		facts[i].Value = Escape(facts[i].Value)
	}
	return facts
}

func shownDifferences(c plan.Change) []difference {
	found := differences(c)
	for _, d := range found {
		for i := range d.Spans {
			d.Spans[i].Text = Escape(d.Spans[i].Text)
		}
	}
	return found
}
