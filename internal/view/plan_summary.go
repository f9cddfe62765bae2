package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"refundctl/plan"
	"refundctl/state"
)

// summary prints the rows and the money of each action, how many reads the plan took, how long apply will
// take, and what binds a saved plan.
func (p *planPrinter) summary(totals map[plan.Action]plan.Tally) {
	p.sums(totals)
	p.wrapped(0, cost(p.plan, totals[plan.Create].Count))
	p.warnings()
	for _, text := range binding(p.file) {
		p.wrapped(0, text)
	}
	p.applying(totals)
}

// sums prints the refunds and the money of each action, or that there is nothing to do.
func (p *planPrinter) sums(totals map[plan.Action]plan.Tally) {
	synced := totals[plan.InSync].Count
	switch {
	case len(totals) == 0:
		p.wrapped(0, "Nothing to do: no manifest asks for a refund.")
	case len(totals) == 1 && synced > 0:
		p.wrapped(0, "Nothing to do: "+refundsAre(synced)+" in sync.")
	default:
		p.segments(p.totals(totals))
		if plan.NothingToDo(totals) && p.plan.Hidden.Count == 0 {
			p.line("Nothing to do.")
		}
	}
	p.accounts()
}

// warnings prints what is wrong with the ledger, and why parents could not be read.
func (p *planPrinter) warnings() {
	for _, text := range ledgerRemarks(p.plan) {
		p.wrapped(0, p.paint(bold, text))
	}
	p.printShared()
}

// applying prints the command that sends a saved plan.
func (p *planPrinter) applying(totals map[plan.Action]plan.Tally) {
	if p.file.usable() && totals[plan.Create].Count > 0 {
		p.hint(p.file.Apply + " sends it, once")
	}
}

// accounts prints where the refunds would be sent, and if there are several accounts, how much to each.
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

// Environment is an environment's name. Production is in capitals, because it moves real money.
func Environment(name string) string {
	if name == production {
		return "PRODUCTION"
	}
	return Escape(name)
}

// repeatSummary ends a long plan with its sums and what to do, because the end is what is on the screen.
func (p *planPrinter) repeatSummary(totals map[plan.Action]plan.Tally) {
	p.line("")
	p.sums(totals)
	p.warnings()
	p.applying(totals)
	if first := lookFirst(p.plan.Changes); first != "" {
		p.wrapped(0, p.paint(bold, first+": see the top of this plan, or use --format html."))
	}
}

func refundsAre(n int) string {
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

// segments prints "Plan:" and the texts, and breaks lines only between texts.
func (p *planPrinter) segments(texts []string) {
	if slices.ContainsFunc(texts, func(text string) bool { return widthOf("Plan: "+text+" ·") > p.width() }) {
		p.hang("Plan: ", len("Plan: "), strings.Join(texts, " · "))
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

// cost says how many reads the plan took and how long apply will take.
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
		text += "; apply does not wait for the rate limit"
	}
	return text + "."
}

// ledgerRemarks says that apply sends nothing with this ledger, that it has other refunds in doubt, or that the API
// has refunds that it does not know; empty if none of it is true.
func ledgerRemarks(p *plan.Plan) (remarks []string) {
	if why, lacks := ledgerProblems[p.Lack]; lacks {
		remarks = append(remarks, "Apply sends nothing: the project's ledger "+why+".")
	}
	if p.Hidden.Count > 0 {
		remarks = append(remarks, "In doubt and not in this plan: "+Sum(p.Hidden)+"; recover resolves it.")
	}
	if p.Unknown == 0 {
		return remarks
	}
	is := "the ledger may be old"
	if p.Lineage == "" {
		is = "the ledger is empty"
	}
	return append(remarks, fmt.Sprintf("The API has %s of your manifests that this ledger does not know: %s.", count(p.Unknown, "refund"), is))
}

var ledgerProblems = map[state.LedgerMismatch]string{
	state.NoLedger:     "is missing",
	state.OtherLineage: "is a different one",
	state.OlderLedger:  "is older than one used before",
}

// usable reports whether the plan was saved and has not expired.
func (f PlanFile) usable() bool { return f.Digest != "" && f.Now.Before(f.ExpiresAt) }

// binding says until when a saved plan can be applied, and its digest; empty for a plan that was not saved.
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

// PlanNext says that nothing has been sent yet, and which command sends what the plan creates. It prints nothing
// if the plan creates nothing, read nothing, or cannot be applied with this ledger.
func PlanNext(w io.Writer, p *plan.Plan, command string, s Style) error {
	if p.Lack != "" || p.Refresh == plan.None || len(p.Rows(plan.Create)) == 0 {
		return nil
	}
	out := newPrinter(w, s)
	out.hint("nothing has been sent yet; " + command + " sends the refunds marked +")
	return out.Flush()
}
