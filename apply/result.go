package apply

import (
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Result is the outcome of a run. Every refund that the plan's manifests, or its plan file, ask for is in exactly
// one of the tallies from Sent to Superseded. A conflict about a refund that nobody asks for any more is in Blocked.
type Result struct {
	Sent           plan.Tally
	AlreadyPresent plan.Tally // live and paid before the run, or found live instead of sent
	Refused        plan.Tally
	InDoubt        plan.Tally
	NotSent        plan.Tally // for an outside reason, or because the run stopped
	Blocked        plan.Tally // by a guard, by the plan file, or by a conflict
	Held           plan.Tally
	Failed         plan.Tally // before the run
	Pending        plan.Tally // since before the run
	Superseded     plan.Tally // failed, and replaced by another row

	NotCompared bool           // the ledger could not be read: what earlier runs sent counts as NotSent
	Conflicts   int            // among Blocked
	Why         map[string]int // how many of NotSent and Blocked have which reason, by its code
	Earlier     plan.Tally     // in doubt since an earlier run, and no manifest asks for them
	NotInFile   plan.Tally     // manifests ask for them, and the plan file does not have them
	Unknown     int            // live refunds of the plan that the ledger does not know
	Recorded    int            // live facts that were new to the ledger
	Dead        int            // sent, and already CANCELLED or FAILED
	Open        int            // sent, and not yet settled
	Unrecorded  plan.Tally     // sent, but the answer could not be written to the ledger
	Stopped     error          // why the run ended early; nil if it did not
}

// AllInDoubt is what this run and earlier ones left in doubt.
func (r Result) AllInDoubt() plan.Tally {
	var all plan.Tally
	all.Join(r.InDoubt)
	all.Join(r.Earlier)
	return all
}

// Unsent is the result of a run that ended before it sent anything. p is nil if there was no plan.
func (r *Run) Unsent(p *plan.Plan) Result {
	result := Result{Earlier: r.earlier(p)}
	if p == nil {
		return result
	}
	result.Unknown, result.NotInFile = p.Unknown, p.NotInFile
	for _, c := range p.Changes {
		result.account(c)
	}
	return result
}

// account counts a row of the plan that the run sends nothing for.
func (r *Result) account(c plan.Change) {
	t := r.tallyOf(c)
	if t == nil {
		return
	}
	t.Add(c.Amount)
	if c.Action == plan.Conflict && t == &r.Blocked {
		r.Conflicts++
	}
	if (t == &r.NotSent || t == &r.Blocked) && len(c.Reasons) > 0 {
		r.because(c.Reasons[0].Code)
	}
}

func (r *Result) because(code string) {
	if r.Why == nil {
		r.Why = map[string]int{}
	}
	r.Why[code]++
}

// tallyOf returns the tally of a row that the run sends nothing for; nil if nobody asks for its refund. It is the
// only place that decides where such a row counts.
func (r *Result) tallyOf(c plan.Change) *plan.Tally {
	switch {
	case c.Spec == nil && c.Action != plan.Conflict:
		return nil
	case c.Superseded:
		return &r.Superseded
	case c.Doubtful(), c.Action == plan.InDoubt, c.Action == plan.Create && isRetry(c):
		return &r.InDoubt
	case c.Outside(), c.Action == plan.Create:
		return &r.NotSent
	}
	return map[plan.Action]*plan.Tally{plan.InSync: &r.AlreadyPresent, plan.Pending: &r.Pending, plan.Failed: &r.Failed,
		plan.Held: &r.Held, plan.Blocked: &r.Blocked, plan.Conflict: &r.Blocked}[c.Action]
}

// counts reports whether a doubt of an account that the run does not read counts.
func (r *Run) counts(e state.Entry) bool { return r.Whole && !e.Elsewhere() }

// earlier sums up the doubts that no row of the plan asks for and that were not found live.
func (r *Run) earlier(p *plan.Plan) plan.Tally {
	counted := map[refund.Identity]bool{}
	if p != nil {
		for _, c := range p.Changes {
			counted[c.ID] = c.Spec != nil || c.Live != nil
		}
	}
	var t plan.Tally
	for _, e := range r.State.InDoubt() {
		if _, ours := r.Gateways[e.ID.Account]; (ours || r.counts(e)) && !counted[e.ID] {
			t.Add(e.Amount)
		}
	}
	return t
}
