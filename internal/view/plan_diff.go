package view

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/plan"
)

// PlanDiff is the difference between two saved plans.
type PlanDiff struct {
	Before, After plan.Saved
	plan.Comparison
}

// PlanDiffText prints whether the plans are of different accounts or ledgers, then one block for each parent, then
// what would be sent before and now. In notes and splits, [-removed-] and {+added+} mark what differs. Unless Verbose
// is set, it prints rows that changed in the same way only a few times.
func PlanDiffText(w io.Writer, d PlanDiff, o PlanOptions) error {
	out := diffPrinter{printer: newPrinter(w, o.Style), verbose: o.Verbose, seen: map[string]*alike{}}
	out.foundations(d)
	out.blocks(d)
	out.counts(d)
	return out.Flush()
}

type diffPrinter struct {
	*printer
	verbose bool
	headed  refund.Parent
	seen    map[string]*alike
	order   []*alike
}

// alike are rows that changed in the same way.
type alike struct {
	first plan.Change
	rows  plan.Tally
}

// fewAlike is how many rows that changed in the same way are printed.
const fewAlike = 5

// foundations prints what the plans do not have in common as a whole.
func (p *diffPrinter) foundations(d PlanDiff) {
	if d.Accounts {
		p.line("%s", p.paint(bold, p.paint(red, "The plans are of different accounts:")))
		p.wrapped(2, "before: "+accountsText(d.Before.Accounts))
		p.wrapped(2, "now: "+accountsText(d.After.Accounts))
	}
	if d.Ledgers {
		p.line("%s", p.paint(bold, p.paint(red, "The plans are of different ledgers:")))
		p.wrapped(2, "before: lineage "+Escape(d.Before.Lineage))
		p.wrapped(2, "now: lineage "+Escape(d.After.Lineage))
	}
	if d.Accounts || d.Ledgers {
		p.line("")
	}
}

func accountsText(accounts []plan.Account) string {
	var all []string
	for _, a := range accounts {
		text := Escape(a.Name) + " (" + Escape(a.API) + ", " + Environment(a.Environment)
		if a.BaseURL != "" {
			text += ", " + Escape(a.BaseURL)
		}
		all = append(all, text+", fingerprint "+Escape(a.Fingerprint[:min(len(a.Fingerprint), 12)])+")")
	}
	return cmp.Or(strings.Join(all, "; "), "none")
}

// blocks prints the rows, and what changed of the parents that they or others are on.
func (p *diffPrinter) blocks(d PlanDiff) {
	facts := map[refund.Parent]plan.ParentDifference{}
	for _, f := range d.Parents {
		facts[f.After.Parent] = f
	}
	for _, diff := range d.Rows {
		lines := p.rowLines(diff)
		if !p.repeats(diff, lines) {
			c := diff.Row()
			p.parentHead(c.ID.Parent, c.AccountName, facts)
			p.row(diff, lines)
		}
	}
	for _, f := range d.Parents {
		if _, left := facts[f.After.Parent]; left {
			p.parentHead(f.After.Parent, f.AccountName, facts)
		}
	}
	for _, a := range p.order {
		if more := a.rows; more.Count > fewAlike && !p.verbose {
			p.wrapped(0, fmt.Sprintf("%s changed like %s, %s in all; -v lists them.", count(more.Count-fewAlike, "more refund"), rowID(a.first), sums(more)))
		}
	}
}

// repeats reports whether enough rows that changed in this way were printed.
func (p *diffPrinter) repeats(d plan.Difference, lines []string) bool {
	if d.Before == nil || d.After == nil {
		return false
	}
	way := string(d.After.Action) + strings.Join(lines, "\n")
	if p.seen[way] == nil {
		p.seen[way] = &alike{first: d.Row()}
		p.order = append(p.order, p.seen[way])
	}
	p.seen[way].rows.Add(d.After.Amount)
	return p.seen[way].rows.Count > fewAlike && !p.verbose
}

// parentHead begins the block of a parent with its facts that differ, which are printed once.
func (p *diffPrinter) parentHead(parent refund.Parent, account string, facts map[refund.Parent]plan.ParentDifference) {
	f, differ := facts[parent]
	if parent == p.headed && !differ {
		return
	}
	p.headed = parent
	p.wrapped(0, fmt.Sprintf("%s (account %s)", p.paint(bold, Escape(string(parent.Kind))+" "+Escape(parent.ID)), Escape(account)))
	delete(facts, parent)
	for _, field := range f.Fields {
		switch field {
		case "captured":
			p.wrapped(2, beforeNow("captured", captured(f.Before.Facts), captured(f.After.Facts)))
		case "mode":
			p.wrapped(2, beforeNow("paid by", f.Before.Facts.Mode, f.After.Facts.Mode))
		case "live":
			p.wrapped(2, beforeNow("live refunds", sending(f.Before.LiveMoney()), sending(f.After.LiveMoney())))
		}
	}
}

// captured returns what was captured; nothing is in no currency.
func captured(f refund.Facts) string {
	if f.Captured.Minor == 0 {
		return "nothing"
	}
	return f.Captured.Human()
}

// beforeNow is one field that differs. Its values are not escaped yet.
func beforeNow(field, before, now string) string {
	return field + ": " + Escape(cmp.Or(before, "none")) + " before, " + Escape(cmp.Or(now, "none")) + " now"
}

func (p *diffPrinter) row(d plan.Difference, lines []string) {
	c := d.Row()
	t := table{indent: 2, deeper: 6, columns: []column{{least: len("removed")}, {hang: true}}}
	p.printer.row(&t, cell{text: howOf(d)}, cell{text: fmt.Sprintf("%s  %s  %s", rowID(c), Escape(c.Amount.Human()), p.paint(loud(hues[c.Action]), verdict(c)))})
	for _, line := range lines {
		p.wrapped(6, line)
	}
}

// rowLines are the fields of a row that differ, before and now; of an added row, what it asks for.
func (p *diffPrinter) rowLines(d plan.Difference) (lines []string) {
	switch {
	case d.Before == nil:
		return addedLines(*d.After)
	case d.After == nil:
		return nil
	}
	for _, field := range d.Fields {
		if field == "request" {
			if p.verbose {
				lines = append(lines, "request before: "+requestText(*d.Before), "request now: "+requestText(*d.After))
			}
			continue
		}
		lines = append(lines, changedField(field, *d.Before, *d.After)...)
	}
	if len(lines) == 0 {
		lines = append(lines, "the request differs in its idempotency key or path; -v prints it")
	}
	return lines
}

func addedLines(c plan.Change) (lines []string) {
	for _, f := range requestedFacts(c) {
		lines = append(lines, f.Name+": "+Escape(f.Value))
	}
	if labels := rowLabels(c); len(labels) > 0 {
		lines = append(lines, "labels: "+strings.Join(labels, ", "))
	}
	return lines
}

// changedField is a field of a row, before and now.
func changedField(field string, was, is plan.Change) []string {
	switch field {
	case "action":
		return []string{beforeNow("action", was.Action.String(), is.Action.String())}
	case "amount":
		return []string{beforeNow("amount", was.Amount.Human(), is.Amount.Human())}
	case "parent_id":
		return []string{beforeNow(parentField(is.ID.Kind), was.ID.ID, is.ID.ID)}
	case "payment_id":
		return []string{beforeNow(field, was.PaymentID, is.PaymentID)}
	case "attempt":
		return []string{beforeNow(field, fmt.Sprint(was.Attempt), fmt.Sprint(is.Attempt))}
	case "superseded":
		return []string{beforeNow(field, yesNo(was.Superseded), yesNo(is.Superseded))}
	case "live":
		return []string{beforeNow(field, liveText(was), liveText(is))}
	case "reasons":
		return reasonsThatDiffer(was, is)
	}
	return []string{specField(field, was.Spec, is.Spec)}
}

// specField is a field of what the manifests ask for, before and now.
func specField(field string, was, is *refund.Spec) string {
	switch field {
	case "refund_note":
		return field + ": " + Escape(plan.InLine(plan.DiffText(was.Note, is.Note)))
	case "refund_splits":
		return field + ": " + Escape(plan.InLine(differingShares(was.Splits, is.Splits)))
	case "refund_speed":
		return beforeNow(field, was.Speed, is.Speed)
	case "refund_type":
		return beforeNow(field, was.Type, is.Type)
	case "labels":
		return field + ": " + Escape(plan.InLine(plan.DiffLists(labelList(*was), labelList(*is))))
	case "hold":
		return beforeNow(field, yesNo(was.Hold), yesNo(is.Hold))
	case "not_duplicate_of":
		return beforeNow(field, strings.Join(was.NotDuplicateOf, ", "), strings.Join(is.NotDuplicateOf, ", "))
	case "supersedes":
		return beforeNow(field, was.Supersedes, is.Supersedes)
	}
	return beforeNow("manifest", was.Source.File, is.Source.File)
}

func labelList(s refund.Spec) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(s.Labels)) {
		all = append(all, name+"="+s.Labels[name])
	}
	return all
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func liveText(c plan.Change) string {
	return liveOutcome(c.Live.Status) + " " + c.Live.Amount.Human()
}

func reasonsThatDiffer(before, after plan.Change) (lines []string) {
	was, is := slices.Concat(before.Reasons, before.Attention), slices.Concat(after.Reasons, after.Attention)
	for _, r := range was {
		if !slices.Contains(is, r) {
			lines = append(lines, "no longer: "+Escape(r.Message)+" ["+Escape(r.Code)+"]")
		}
	}
	for _, r := range is {
		if !slices.Contains(was, r) {
			lines = append(lines, "now: "+Escape(r.Message)+" ["+Escape(r.Code)+"]")
		}
	}
	return lines
}

// counts prints how many rows differ, and what would be sent before and now.
func (p *diffPrinter) counts(d PlanDiff) {
	switch {
	case d.Same():
		p.line("The plans have the same rows.")
	case len(d.Rows) == 0:
		if len(d.Parents) > 0 {
			p.line("")
		}
		p.line("Otherwise, the plans have the same rows.")
	default:
		how := map[string]int{}
		for _, diff := range d.Rows {
			how[howOf(diff)]++
		}
		p.line("")
		p.wrapped(0, fmt.Sprintf("Rows: %s added, %s removed, %s changed.", grouped(how["added"]), grouped(how["removed"]), grouped(how["changed"])))
	}
	p.wrapped(0, fmt.Sprintf("To be sent: %s before, %s now.", sending(d.Before.Summary()[plan.Create]), sending(d.After.Summary()[plan.Create])))
}

func howOf(d plan.Difference) string {
	switch {
	case d.Before == nil:
		return "added"
	case d.After == nil:
		return "removed"
	}
	return "changed"
}

func sending(t plan.Tally) string {
	return strings.TrimRight(count(t.Count, "refund")+" "+sums(t), " ")
}

// requestText is the request of a row, whole: a part of an amount would mislead.
func requestText(c plan.Change) string {
	if c.Request == nil {
		return "none"
	}
	return Escape(fmt.Sprintf("%s %s %s, key %s", c.Request.Method, c.Request.Path, c.Request.Body, c.Key))
}
