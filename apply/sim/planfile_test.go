package sim

import (
	"bytes"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// validFor is long, but pauses between rounds may be longer.
const validFor = 2 * time.Hour

// save keeps a plan file for later processes.
func (p *process) save(made *plan.Plan) {
	text, err := plan.Encode(made, made.CreatedAt.Add(validFor))
	if err != nil {
		p.violate("harness", "%v", err)
		return
	}
	p.trial.mu.Lock()
	defer p.trial.mu.Unlock()
	p.file = text
}

// approved is the newest plan file, if there is one.
func (p *process) approved() *plan.Saved {
	p.trial.mu.Lock()
	text := p.file
	p.trial.mu.Unlock()
	if text == nil {
		return nil
	}
	saved, err := plan.Decode(bytes.NewReader(text))
	if err != nil {
		p.violate("plan file", "the saved file cannot be read: %v", err)
		return nil
	}
	return &saved
}

// follow returns the input of the process's plan file, if it has one, instead of that of the manifests.
func (p *process) follow(in plan.Input, st *state.State) (plan.Input, error) {
	if p.saved == nil {
		return in, nil
	}
	if err := p.saved.Refuse(st, in.Accounts, p.clock()); err != nil {
		return in, err
	}
	in.Approval, in.Specs = p.saved.ApprovalOf(in.Specs), p.saved.Specs()
	return in, nil
}

// checkPlanFile checks that a run of a plan file sends only what the file has, byte for byte, before the file
// expires, and not after another run of the file has ended.
func (p *process) checkPlanFile(id refund.Identity, r refund.Request, events []line) {
	if p.saved == nil {
		return
	}
	planned := false
	for _, c := range p.saved.Rows(plan.Create) {
		planned = planned || c.ID == id && bytes.Equal(c.Request.Body, r.Body) && c.Request.Path == r.Path
	}
	if !planned {
		p.violate("plan file", "%s is sent, but is not in the plan file", id.RefundID)
	}
	runs := map[string]bool{}
	for _, e := range events {
		switch {
		case e.Type == "run" && e.PlanDigest == p.saved.Digest:
			runs[e.Run] = true
		case e.Type == "end" && runs[e.Run] && e.Run != p.run():
			p.violate("plan file", "%s is sent from a plan file that was used before", id.RefundID)
		}
	}
}
