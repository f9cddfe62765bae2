package cli

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/view"
	"refundctl/plan"
)

// planFailure says why a plan ends with this code. The documents for people show it; JSON has it on stderr.
func (a *app) planFailure(p *plan.Plan, code Exit) *failure {
	doubts := p.Those(plan.Change.Doubtful)
	persons := p.Those(func(c plan.Change) bool { return c.NeedsPerson() && !c.Doubtful() })
	outside := p.Those(func(c plan.Change) bool { return c.Outside() && !c.Doubtful() })
	switch code {
	case ExitUnreachable:
		return a.unreachable(p)
	case ExitInDoubt:
		sum := plan.SumOf(doubts)
		sum.Join(p.Hidden)
		return inDoubt(sum)
	case ExitPerson:
		return fail(code, "the rows marked !, x or # in the plan show why; refundctl explain REFUND_ID shows more", "a person must decide: %s", view.Sum(plan.SumOf(persons)))
	case ExitPartial:
		return fail(code, "the reasons of the rows say whether trying again helps", "cannot be sent now: %s", view.Sum(plan.SumOf(outside)))
	case ExitChanges:
		return fail(code, "refundctl apply sends them", "to be sent: %s", view.Sum(plan.SumOf(p.Rows(plan.Create))))
	}
	return a.ending(code)
}

// unreachable says which host did not answer the reads of a plan, what came back, and what was not sent.
func (a *app) unreachable(p *plan.Plan) *failure {
	f := a.unread(p)
	if t := plan.SumOf(p.Those(plan.Change.Outside)); t.Count > 0 {
		f.message += "; not sent: " + view.Sum(t)
	}
	return f
}

// unread says which host did not answer, and what came back.
func (a *app) unread(p *plan.Plan) *failure {
	f := a.ending(ExitUnreachable)
	if failed := failedReads(p); len(failed) > 0 {
		f.message += fmt.Sprintf(": %v", failed[0].Err)
	}
	return f
}

// inDoubt names the refunds that a command leaves in doubt.
func inDoubt(doubts plan.Tally) *failure {
	return fail(ExitInDoubt, "run refundctl recover, which reads them back", "in doubt: %s", view.Sum(doubts))
}

// quitInDoubt is quit for a command that printed the refunds in doubt.
func quitInDoubt(code Exit, doubts plan.Tally) error {
	if code != ExitInDoubt || doubts.Count == 0 {
		return quit(code)
	}
	f := inDoubt(doubts)
	f.silent = true
	return f
}

// aloud returns a failure that is printed although the output says everything.
func (a *app) aloud(f *failure) *failure {
	if f.message == "" {
		return a.ending(f.code)
	}
	loud := *f
	loud.silent = false
	return &loud
}

// ending is the failure of a command whose output says everything, for those who read only stderr.
func (a *app) ending(code Exit) *failure {
	if code == ExitUnreachable {
		return fail(code, "run it again when the API can be reached", "nothing could be read from %s", strings.Join(a.hosts, ", "))
	}
	return fail(code, "see the output for the reasons", "%s", exitInfo(code).Meaning)
}

// remembersHost keeps the name of a host that this command asks.
func (a *app) remembersHost(host string) {
	if host != "" && !slices.Contains(a.hosts, host) {
		a.hosts = append(a.hosts, host)
	}
}
