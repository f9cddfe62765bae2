package plan

import (
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/state"
)

// Approval is what was approved: the creates of a saved plan. The plan that carries it out sends nothing else.
type Approval struct {
	Digest  string                       // of its file
	Parents map[refund.Parent]ParentRead // as they were read for it
	LeftOut map[refund.Identity]Reason   // creates of the file that must not be sent after all, and why

	notSelected map[string]Tally                 // by fingerprint: creates that the saved plan counted and did not select
	rows        map[refund.Identity]*Change      // every row of the plan
	known       map[refund.Identity]money.Amount // refunds that may appear at the API: the plan's creates, and those the ledger had as sent
}

// NotApproved is the code of a row that the plan file does not send, although nothing else speaks against it now.
const NotApproved = "not_approved"

// newPlan is the hint for rows that only a new plan can send.
const newPlan = "save a new plan and have it approved: refundctl plan --out FILE"

// LeftOut reports whether the row is a create of the plan file that this plan does not send. A refund that is
// live, or in doubt since an interrupted run of the file, was not left out.
func (c Change) LeftOut() bool {
	unsent := c.Action == Held || c.Action == Blocked || c.Action == Conflict
	tried := c.Entry != nil && (c.Entry.Phase.Sent() || c.Entry.Phase == state.Intended)
	return c.Approved && unsent && !tried
}

// Approval approves the plan's creates and nothing else.
func (s Saved) Approval() *Approval {
	a := &Approval{Digest: s.Digest, Parents: s.Parents, notSelected: s.NotSelected, LeftOut: map[refund.Identity]Reason{},
		rows: map[refund.Identity]*Change{}, known: map[refund.Identity]money.Amount{}}
	for i := range s.Changes {
		c := &s.Changes[i]
		a.rows[c.ID] = c
		if c.Action == Create || c.Entry != nil && c.Entry.Phase.Sent() {
			a.known[c.ID] = c.Amount
		}
	}
	return a
}

// ApprovalOf is Approval if there are manifests: it omits the creates that they no longer ask for, or ask
// for differently than the plan.
func (s Saved) ApprovalOf(specs []refund.Spec) *Approval {
	prints := map[string]string{}
	for _, a := range s.Accounts {
		prints[a.Name] = a.Fingerprint
	}
	asked := make(map[refund.Identity]refund.Spec, len(specs))
	for _, spec := range specs {
		asked[spec.Identity(prints[spec.Account])] = spec
	}
	a := s.Approval()
	for _, c := range s.Rows(Create) {
		spec, there := asked[c.ID]
		switch {
		case !there:
			a.LeftOut[c.ID] = Reason{"row_missing", "planned, but no manifest asks for it now", newPlan}
		case spec.Hold:
			a.LeftOut[c.ID] = Reason{Code: "hold", Message: heldMessage}
		case !sendsSame(spec, *c.Request) || spec.Amount != c.Amount:
			a.LeftOut[c.ID] = Reason{"row_changed", "the manifest and the plan file differ", newPlan}
		}
	}
	return a
}

// SpecsOf is Specs if there are manifests: a not_duplicate_of that they no longer contain does not count.
func (s Saved) SpecsOf(specs []refund.Spec) []refund.Spec {
	cleared := map[refund.Identity][]string{}
	for _, spec := range specs {
		cleared[spec.Identity(spec.Account)] = spec.NotDuplicateOf
	}
	all := s.Specs()
	for i, spec := range all {
		still := cleared[spec.Identity(spec.Account)]
		all[i].NotDuplicateOf = slices.DeleteFunc(slices.Clone(spec.NotDuplicateOf), func(id string) bool { return !slices.Contains(still, id) })
	}
	return all
}

// sendsSame reports whether a row would send these bytes to this path.
func sendsSame(s refund.Spec, r refund.Request) bool {
	rendered, err := s.Request()
	return err == nil && string(rendered.Body) == string(r.Body) && rendered.Path == r.Path
}

// approves reports whether the plan file sends the refund.
func (a *Approval) approves(id refund.Identity) bool {
	return a != nil && a.rows[id] != nil && a.rows[id].Action == Create
}

// leftOut reports whether a desired refund must not be sent: it is held, or not approved.
func (in *Input) leftOut(s *refund.Spec, id refund.Identity) bool {
	return s.Hold || in.unapproved(id)
}

// decideUnsent gives a row that must not be sent its action and its reasons. A row that the plan file does not
// send keeps those of the file, unless what the file says is over.
func (g *group) decideUnsent(c *Change, read ParentRead) {
	if g.in.Approval == nil {
		c.decide(Held, "hold", heldMessage)
		return
	}
	if r, out := g.in.Approval.LeftOut[c.ID]; out {
		c.Action, c.Reasons = Blocked, []Reason{r}
		if r.Code == "hold" {
			c.Action = Held
		}
		return
	}
	switch row := g.in.Approval.rows[c.ID]; {
	case row == nil:
		c.block(NotApproved, "it is not in the plan file")
	case row.Live != nil && read.Good():
		c.block(parentMoved, "the plan file has it as "+row.Action.String()+", but the API does not list it now")
	case row.Action == InDoubt:
		c.block(NotApproved, "it was in doubt when the plan was saved; it was not sent, and the plan file does not send it")
	default:
		c.Action, c.Reasons = row.Action, slices.Clone(row.Reasons)
		c.WithoutHold = row.WithoutHold.clone()
		if c.Outside() {
			c.Reasons = []Reason{{row.Reasons[0].Code, row.Reasons[0].Message, newPlan}}
		}
	}
}

// found gives a row that the plan file has as failed or in conflict that action, and reports whether it did. The
// ledger may still have the refund as paid: only a read that shows more than that of the plan counts.
func (a *Approval) found(c *Change, read ParentRead) bool {
	if a == nil || a.rows[c.ID] == nil || read.Good() {
		return false
	}
	row := a.rows[c.ID]
	if row.Action != Failed && row.Action != Conflict || c.Entry != nil && c.Entry.Phase == state.Intended {
		return false
	}
	c.Action, c.Reasons = row.Action, slices.Clone(row.Reasons)
	return true
}

// keptReads returns the reads that rows of the plan file rely on, of parents that were not read again.
func (in *Input) keptReads(p *Plan) map[refund.Parent]ParentRead {
	kept := map[refund.Parent]ParentRead{}
	if in.Approval == nil {
		return nil
	}
	for parent, read := range in.Approval.Parents {
		if p.Parents[parent].ListedAt.IsZero() {
			kept[parent] = read
		}
	}
	return kept
}

// block blocks a row that a new plan may send.
func (c *Change) block(code, message string) {
	c.Action, c.Reasons = Blocked, []Reason{{code, message, newPlan}}
}

const heldMessage = "held in the manifest"

// notInFile adds up the refunds that manifests ask for, that are not in the plan file, and that were not sent.
func (in *Input) notInFile() Tally {
	var t Tally
	if in.Approval == nil {
		return t
	}
	prints := map[string]string{}
	for _, a := range in.Accounts {
		prints[a.Name] = a.Fingerprint
	}
	for _, s := range in.Asked {
		fingerprint, ours := prints[s.Account]
		id := s.Identity(fingerprint)
		e, known := in.State.Entry(id)
		sent := known && (e.Phase.Sent() || e.Phase == state.Intended)
		if ours && !sent && in.Approval.rows[id] == nil {
			t.Add(s.Amount)
		}
	}
	return t
}

// unapproved reports whether the plan file that is applied does not send the refund, or does so no more.
func (in *Input) unapproved(id refund.Identity) bool {
	a := in.Approval
	if a == nil {
		return false
	}
	_, out := a.LeftOut[id]
	return out || !a.approves(id)
}
