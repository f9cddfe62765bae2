package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"refundctl/plan"
	"refundctl/state"
)

// summary is the glance at a plan: the rows and the money of each action, what the plan cost in
// reads, how long apply takes, and what binds a saved plan.
func (p *planPrinter) summary(totals map[plan.Action]plan.Tally) {
	synced := totals[plan.InSync].Count
	switch {
	case len(totals) == 0:
		p.wrapped(0, "Nothing to do: no refunds are asked for.")
	case len(totals) == 1 && synced > 0:
		p.wrapped(0, "Nothing to do: "+are(synced)+" in sync.")
	default:
		p.segments(p.totals(totals))
		if plan.NothingToDo(totals) {
			p.line("Nothing to do.")
		}
	}
	p.accounts()
	p.wrapped(0, cost(p.plan, totals[plan.Create].Count))
	for _, text := range ledgerRemarks(p.plan) {
		p.wrapped(0, p.paint(bold, text))
	}
	p.common()
	for _, text := range binding(p.file) {
		p.wrapped(0, text)
	}
	if p.file.usable() && totals[plan.Create].Count > 0 {
		p.line("refundctl apply PLANFILE sends it, once.")
	}
}

// accounts says where the refunds would be sent, and how much to each where there are several.
func (p *planPrinter) accounts() {
	sent := p.plan.CreatesByAccount()
	for _, a := range p.plan.Accounts {
		text := "Account " + Escape(a.Name) + ": " + Escape(a.API) + ", " + Environment(a.Environment)
		if a.BaseURL != "" {
			text += ", " + Escape(a.BaseURL)
		}
		if a.Environment == production {
			text = p.paint(bold, text)
		}
		if len(p.plan.Accounts) > 1 && sent[a.Fingerprint].Count > 0 {
			text += " · " + string(plan.Create) + " " + sending(sent[a.Fingerprint])
		}
		p.wrapped(0, text)
	}
}

const production = "production"

// Environment is an environment's name, in which real money cannot be overlooked.
func Environment(name string) string {
	if name == production {
		return "PRODUCTION"
	}
	return Escape(name)
}

// again ends a long plan: its end is what stands on the screen.
func (p *planPrinter) again(totals map[plan.Action]plan.Tally) {
	p.line("")
	p.summary(totals)
	if first := lookFirst(p.plan.Changes); first != "" {
		p.wrapped(0, p.paint(bold, first+": see the top, or --format html."))
	}
}

func are(n int) string {
	if n == 1 {
		return "1 refund is"
	}
	return grouped(n) + " refunds are"
}

func (p *planPrinter) totals(totals map[plan.Action]plan.Tally) []string {
	var texts []string
	for _, a := range totalsOrder() {
		if t := totals[a]; t.Count > 0 {
			texts = append(texts, fmt.Sprintf("%c %s %s %s", a, grouped(t.Count), a, sums(t)))
		}
	}
	return texts
}

// segments writes "Plan:" and the texts, broken between texts only.
func (p *planPrinter) segments(texts []string) {
	if slices.ContainsFunc(texts, func(text string) bool { return widthOf("Plan: "+text+" ·") > p.width() }) {
		p.hung("Plan: ", len("Plan: "), strings.Join(texts, " · "))
		return
	}
	line := "Plan: "
	for i, text := range texts {
		if i < len(texts)-1 {
			text += " · "
		}
		if len(line) > len("Plan: ") && widthOf(line+strings.TrimRight(text, " ")) > p.width() {
			p.line("%s", line)
			line = "      "
		}
		line += text
	}
	p.line("%s", line)
}

// cost is a sentence on what the plan cost in reads and what apply will cost in time.
func cost(p *plan.Plan, creates int) string {
	if p.Refresh == plan.None {
		return "Nothing was read: this plan cannot be applied."
	}
	text := count(p.Reads, "read") + " made"
	if n := len(p.Checked); n > 0 {
		text += ", " + count(n, "settled refund") + " of other runs confirmed"
	}
	if p.Unchecked > 0 {
		text += ", settled refunds of other runs not checked: the API could not be read"
	}
	switch {
	case creates > 0 && p.Estimate > 0:
		text += "; apply waits at least " + wait(p.Estimate) + " for the rate limit"
	case creates > 0:
		text += "; apply need not wait for the rate limit"
	}
	return text + "."
}

// ledgerRemarks say that apply sends nothing with this ledger, and that the API holds what the ledger
// does not know; none if neither is so.
func ledgerRemarks(p *plan.Plan) (remarks []string) {
	if why, lacks := lacking[p.Lack]; lacks {
		remarks = append(remarks, "Apply sends nothing: the project's ledger "+why+".")
	}
	if p.Unknown == 0 {
		return remarks
	}
	is := "it may be old"
	if p.Lineage == "" {
		is = "it is empty"
	}
	return append(remarks, fmt.Sprintf("The API holds %s of your manifests that this ledger does not know: %s.", count(p.Unknown, "refund"), is))
}

var lacking = map[state.LedgerMismatch]string{
	state.NoLedger:     "is missing",
	state.OtherLineage: "is another one",
	state.OlderLedger:  "is older than one seen before",
}

// usable tells whether this was saved and has not expired.
func (f PlanFile) usable() bool { return f.Digest != "" && f.Now.Before(f.ExpiresAt) }

// binding is until when a saved plan can be applied, and its digest; nothing for one that was not saved.
func binding(f PlanFile) []string {
	if f.Digest == "" {
		return nil
	}
	text := "expired at "
	if f.usable() {
		text = "valid until "
	}
	return []string{"Saved plan, " + text + Time(f.ExpiresAt) + ".", "Digest " + Escape(f.Digest)}
}

// PlanNext tells a person that nothing left yet, and the command that sends what the plan creates.
// If it creates nothing, read nothing, or cannot be applied with this ledger, it prints nothing.
func PlanNext(w io.Writer, p *plan.Plan, command string, s Style) error {
	if p.Lack != "" || p.Refresh == plan.None || len(p.Rows(plan.Create)) == 0 {
		return nil
	}
	out := newPrinter(w, s)
	out.hint("nothing was sent yet; " + Escape(command) + " sends what is marked +")
	return out.Flush()
}
