package apply

import (
	"context"
	"maps"
	"slices"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Prepared is what a run is about to do: its plan, made after what earlier runs left in doubt was
// read back.
type Prepared struct {
	Plan      *plan.Plan
	Recovered Recovered
}

// Prepare settles by reading what earlier runs left in doubt, then plans. The run gives in its
// State, and what it proved absent. Nothing is sent. The errors are the ledger's and plan.Make's.
func (r *Run) Prepare(ctx context.Context, in plan.Input) (Prepared, error) {
	recovered, err := r.Recover(ctx, in.Asks)
	if err != nil {
		return Prepared{}, err
	}
	in.State, in.Proven = r.State, map[refund.Identity]bool{}
	for id := range maps.Keys(recovered.Proofs) {
		in.Proven[id] = true
	}
	p, err := plan.Make(ctx, in)
	return Prepared{p, recovered}, err
}

// Perform records what the plan saw, sends its creates, and closes the run in the ledger, unless it
// was stopped early: a run that may go on under the same plan file stays open. Cancelling ctx lets
// nothing new start; answers in flight are awaited and recorded. The error is the
// ledger's; the result holds what was done until then.
func (r *Run) Perform(ctx context.Context, p Prepared) (Result, error) {
	recorded, err := r.Record(context.WithoutCancel(ctx), p.Plan)
	if err != nil {
		return r.Unsent(p.Plan), err
	}
	result, err := r.execute(ctx, p)
	result.Recorded, result.Unknown = recorded, p.Plan.Unknown
	if err != nil || result.Stopped != nil {
		return result, err
	}
	return result, r.Ledger.End(ctx, state.End{Sent: result.Sent.Count, Refused: result.Refused.Count,
		InDoubt: result.InDoubt.Count, NotSent: result.NotSent.Count})
}

// leftOut are the creates of a plan file that may no longer be sent, with the reason: what a guard or
// the manifests took out. What an interrupted run of it left in doubt is counted as that.
func leftOut(p *plan.Plan) []plan.Change {
	if p.Digest == "" {
		return nil
	}
	return append(slices.DeleteFunc(p.Rows(plan.Blocked), plan.Change.Doubtful), p.Withdrawn()...)
}
