package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"refundctl/apply"
	"refundctl/internal/view"
	"refundctl/plan"
)

// interruptedText is printed at the first signal: answers may take as long as request_timeout.
const interruptedText = "interrupted; recording the answers in flight (press Ctrl-C again to stop at once)"

// finish prints the summary of the money, which ends every path. The exit code is the worst of those of
// the error, the rows and the refunds in doubt.
func (a *app) finish(watch view.Watch, result apply.Result, code Exit, err error) error {
	a.report.Result = &result
	if err == nil && result.Stopped != nil {
		err = stoppedFailure(result.Stopped, a.again())
	}
	if err == nil {
		return errors.Join(watch.End(result, int(code)), quitInDoubt(code, result.AllInDoubt()))
	}
	f := *explain(err)
	if n := result.Unrecorded.Count; n > 0 {
		f.message = fmt.Sprintf("the money moved, but the ledger does not contain the answer for %s: %s", refundCount(n), f.message)
	}
	if f.crash != nil && result.Refused.Count == 0 && code == ExitPartial {
		code = ExitError // what a crash left unsent was not left for an external reason
	}
	f.code = worst(code, f.code)
	if result.InDoubt.Count+result.Earlier.Count > 0 {
		f.code = worst(f.code, ExitInDoubt)
	}
	_ = watch.End(result, int(f.code)) // the error matters more than a broken pipe
	return &f
}

// again is the command that continues a run that stopped early. Without its plan file, apply would send what nobody
// approved.
func (a *app) again() string {
	if a.report.File.Digest != "" {
		return "apply the same plan file again"
	}
	return "run apply again"
}

// stoppedFailure returns the failure of a run that ended early. The summary has the rest.
func stoppedFailure(cause error, again string) *failure {
	switch {
	case errors.Is(cause, errInterrupted):
		return fail(ExitInterrupted, again+" to continue where this run stopped", "interrupted")
	case errors.Is(cause, apply.ErrAddress):
		return fail(ExitCredentials, view.AllowAddress+"; then "+again, "%v", cause)
	case errors.Is(cause, apply.ErrCredentials):
		return fail(ExitCredentials, "check the credential variables, then "+again, "%v", cause)
	case errors.Is(cause, apply.ErrRefusal), errors.Is(cause, apply.ErrUnknownStreak):
		return fail(ExitPartial, "see the refunds above, then "+again, "stopped: %v", cause)
	}
	return fail(ExitError, "refundctl explain REFUND_ID shows what is known; "+again+" when the cause is clear", "stopped: %v", cause)
}

// applyCode returns the exit code for the outcomes of the plan's rows.
func applyCode(r apply.Result, p *plan.Plan) Exit {
	code := planCode(p)
	if r.InDoubt.Count+r.Earlier.Count > 0 {
		code = worst(code, ExitInDoubt)
	}
	if r.Refused.Count > 0 || r.NotSent.Count > 0 && !nothingRead(p) {
		code = worst(code, ExitPartial)
	}
	if r.Dead > 0 {
		code = worst(code, ExitPerson)
	}
	return code
}

// unfinished returns the failure of a run that did not stop early, but did not bring every refund of the plan to
// its end; nil if it did. Refunds in doubt have hints beside the summary.
func unfinished(r apply.Result, p *plan.Plan) error {
	leftOut := p.Those(plan.Change.LeftOut)
	persons := p.Those(func(c plan.Change) bool { return c.NeedsPerson() && !c.LeftOut() && !c.Doubtful() })
	unsent := r.NotSent
	if unsent.Count <= len(p.Those(func(c plan.Change) bool { return c.LeftOut() && c.Outside() })) {
		unsent = plan.Tally{} // left out, all of them
	}
	var what []string
	add := func(t plan.Tally, one, more string) {
		switch t.Count {
		case 0:
		case 1:
			what = append(what, view.Sum(t)+one)
		default:
			what = append(what, view.Sum(t)+more)
		}
	}
	add(r.Refused, " was refused", " were refused")
	add(unsent, " was not sent", " were not sent")
	add(plan.SumOf(leftOut), " was approved and left out ("+reasonsOf(leftOut)+")", " were approved and left out ("+reasonsOf(leftOut)+")")
	add(plan.SumOf(persons), " needs a person's decision", " need a person's decision")
	if len(what) == 0 {
		return nil
	}
	add(r.AllInDoubt(), " is in doubt", " are in doubt")
	return fail(applyCode(r, p), nextStep(r, p, len(persons)), "%s", strings.Join(what, "; "))
}

// nextStep says what to do about refunds that were not sent. A plan file is used once.
func nextStep(r apply.Result, p *plan.Plan, persons int) string {
	switch {
	case p.Digest != "":
		return "the plan file is used: to send the rest, save a new plan and have it reviewed: refundctl plan --out FILE"
	case r.NotSent.Count > 0:
		for _, c := range p.Those(plan.Change.Outside) {
			if hint := c.Reasons[0].Hint; hint != plan.UnreadHint(nil) {
				return hint // another run would not help
			}
		}
		return "run apply again when the API can be read; nothing is sent twice"
	case persons > 0 && r.Refused.Count == 0:
		return "the rows marked !, x or # in the plan show why; refundctl explain REFUND_ID shows more"
	}
	return "the lines above show why; correct the manifests, then run apply again"
}

// stopsAt returns the failure of --on-error stop, which sends nothing if a row cannot be sent; nil if there is
// no such row.
func stopsAt(p *plan.Plan) error {
	rows := p.Those(func(c plan.Change) bool { return c.NeedsPerson() || c.Outside() })
	if len(rows) == 0 {
		return nil
	}
	const most = 5
	var names []string
	for _, c := range rows[:min(most, len(rows))] {
		name := c.ID.RefundID
		if len(c.Reasons) > 0 {
			name += " (" + c.Reasons[0].Code + ")"
		}
		names = append(names, name)
	}
	if more := len(rows) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return fail(planCode(p), "resolve these rows, or use --on-error continue, which sends the others",
		"nothing was sent: --on-error stop, and %s cannot be sent: %s", view.Sum(plan.SumOf(rows)), strings.Join(names, ", "))
}

// reasonsOf lists the first reasons of rows, with how many rows have each.
func reasonsOf(rows []plan.Change) string {
	counts := map[string]int{}
	for _, c := range rows {
		counts[c.Reasons[0].Code]++
	}
	var texts []string
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%s %d", code, counts[code]))
	}
	return strings.Join(texts, ", ")
}
