package view

import (
	"fmt"
	"strings"

	"refundctl/plan"
)

// summary ends a plan: the rows and the money of each action, what the plan cost in reads, and how
// long apply takes.
func (p *planPrinter) summary(totals map[plan.Action]plan.Tally) {
	synced := totals[plan.InSync].Count
	switch {
	case len(totals) == 0:
		p.line("Nothing to do: no refunds are asked for.")
	case len(totals) == 1 && synced > 0:
		p.line("Nothing to do: %s in sync.", are(synced))
	default:
		p.segments(p.totals(totals))
	}
	if nothingToDo(totals) && len(totals) > 0 && (len(totals) > 1 || synced == 0) {
		p.line("Nothing to do.")
	}
	p.cost(totals[plan.Create].Count)
}

// nothingToDo tells whether no row asks for a request or a person.
func nothingToDo(totals map[plan.Action]plan.Tally) bool {
	for _, a := range []plan.Action{plan.Create, plan.Conflict, plan.Failed, plan.InDoubt, plan.Blocked} {
		if totals[a].Count > 0 {
			return false
		}
	}
	return true
}

func are(n int) string {
	if n == 1 {
		return "1 refund is"
	}
	return fmt.Sprintf("%d refunds are", n)
}

// totals has what would be sent first: it is what a reviewer looks for.
func (p *planPrinter) totals(totals map[plan.Action]plan.Tally) []string {
	order := append([]plan.Action{plan.Create}, plan.Actions...)
	var texts []string
	for i, a := range order {
		if t := totals[a]; t.Count > 0 && (i == 0 || a != plan.Create) {
			texts = append(texts, fmt.Sprintf("%c %d %s %s", a, t.Count, a, sums(t)))
		}
	}
	return texts
}

// segments writes "Plan:" and the texts, broken between texts only.
func (p *planPrinter) segments(texts []string) {
	line := "Plan: "
	for i, text := range texts {
		if i < len(texts)-1 {
			text += " · "
		}
		if len(line) > len("Plan: ") && columnsOf(line+strings.TrimRight(text, " ·")) > p.width() {
			p.line("%s", line)
			line = "      "
		}
		line += text
	}
	p.line("%s", line)
}

func (p *planPrinter) cost(creates int) {
	if p.plan.Refresh == plan.None {
		p.wrapped(0, "Nothing was read: this plan cannot be applied.")
		return
	}
	text := count(p.plan.Reads, "read") + " made"
	switch {
	case creates > 0 && p.plan.Estimate > 0:
		text += "; apply waits at least " + wait(p.plan.Estimate) + " for the rate limit"
	case creates > 0:
		text += "; apply need not wait for the rate limit"
	}
	p.wrapped(0, text+".")
}
