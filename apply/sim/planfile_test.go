package sim

import (
	"bytes"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// validFor is long: the pauses between rounds are longer now and then.
const validFor = 2 * time.Hour

// save keeps what a plan was, for later processes to carry out.
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
		p.violate("plan file", "what was saved cannot be read back: %v", err)
		return nil
	}
	return &saved
}

// follow gives the input of a plan file instead of the manifests'.
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

// mayFollow: what the run of a plan file sends was to be sent by the file, byte for byte, before the
// file's time was over, and by no run that came after one which ended.
func (p *process) checkPlanFile(id refund.Identity, r refund.Request, events []line) {
	if p.saved == nil {
		return
	}
	planned := false
	for _, c := range p.saved.Rows(plan.Create) {
		planned = planned || c.ID == id && bytes.Equal(c.Request.Body, r.Body) && c.Request.Path == r.Path
	}
	if !planned {
		p.violate("plan file", "%s is sent, and the plan file does not say so", id.RefundID)
	}
	runs := map[string]bool{}
	for _, e := range events {
		switch {
		case e.Type == "run" && e.PlanDigest == p.saved.Digest:
			runs[e.Run] = true
		case e.Type == "end" && runs[e.Run] && e.Run != p.run():
			p.violate("plan file", "%s is sent by a plan file that was used", id.RefundID)
		}
	}
}
