package view

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/plan"
)

// Step is the result of a command as a CI pipeline gets it. Plan and Result are nil if the command did not
// get that far.
type Step struct {
	Command string // plan or apply
	Code    int    // of the exit
	Meaning string // of the code
	Plan    *plan.Plan
	File    PlanFile // the saved plan; zero without one
	Result  *apply.Result
	Style   Style // for the commands in hints
}

// StepOutputs writes name=value lines for $GITHUB_OUTPUT. Names and values are counts, amounts, codes and
// digests. It leaves out a line that contains anything else, so that none can start another one.
func StepOutputs(w io.Writer, r Step) error {
	out := newPrinter(w, Style{})
	out.output("exit_code", strconv.Itoa(r.Code))
	out.output("plan_digest", r.File.Digest)
	doubts, told := 0, r.Plan != nil || r.Result != nil
	if r.Plan != nil {
		var persons int
		persons, doubts = r.Plan.Open()
		out.outputTally("creates", "create", r.Plan.Summary()[plan.Create])
		out.output("needs_person", strconv.Itoa(persons))
	}
	if r.Result != nil {
		doubts = r.Result.AllInDoubt().Count
		out.outputTally("sent", "sent", r.Result.Sent)
		out.outputTally("refused", "refused", r.Result.Refused)
		out.outputTally("not_sent", "not_sent", r.Result.NotSent)
		out.outputTally("blocked", "blocked", r.Result.Blocked)
		out.outputTally("held", "held", r.Result.Held)
		out.outputTally("failed", "failed", r.Result.Failed)
		out.outputTally("pending", "pending", r.Result.Pending)
	}
	if told {
		out.output("in_doubt", strconv.Itoa(doubts))
	}
	return out.Flush()
}

// outputTally writes a count under its name, and the money of each currency as NAME_amount_INR.
func (p *printer) outputTally(count, name string, t plan.Tally) {
	p.output(count, strconv.Itoa(t.Count))
	for _, a := range t.Amounts {
		p.output(name+"_amount_"+string(a.Currency), a.String())
	}
}

func (p *printer) output(name, value string) {
	if value != "" && harmless(name) && harmless(value) {
		p.line("%s=%s", name, value)
	}
}

func harmless(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r == '.')
	})
}

// StepSummary writes Markdown for the page of a pipeline's run: what was sent, or would be.
func StepSummary(w io.Writer, r Step) error {
	if r.Result == nil && r.Plan != nil {
		if err := PlanMarkdown(w, r.Style.copyable(r.Plan), r.File, PlanOptions{}); err != nil {
			return err
		}
	}
	out := newPrinter(w, Style{})
	if r.Result != nil || r.Plan == nil {
		out.line("### refundctl %s", r.Command)
		out.line("")
	}
	if r.Result != nil {
		out.markdownTable("refunds", resultRows(*r.Result))
	}
	out.line("Exit code %d: %s.", r.Code, r.Meaning)
	out.line("")
	return out.Flush()
}

func (p *printer) markdownTable(of string, rows []tallyRow) {
	p.line("| %s | count | amount |", of)
	p.line("|---|---:|---:|")
	for _, r := range rows {
		p.line("| %s | %s | %s |", r.label, grouped(r.tally.Count), safeSums(r.tally))
	}
	p.line("")
}

// safeSums is a tally's money in currencies that are a plain word. A currency that only the API knows is
// never copied into Markdown.
func safeSums(t plan.Tally) string {
	t.Amounts = slices.DeleteFunc(slices.Clone(t.Amounts), func(a money.Amount) bool { return !harmless(string(a.Currency)) })
	return sums(t)
}
