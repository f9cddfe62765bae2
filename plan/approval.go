package plan

import (
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Approval is what was approved: the creates of a saved plan. The plan that carries it out sends nothing else.
type Approval struct {
	Digest  string                       // of its file
	Parents map[refund.Parent]ParentRead // as they were read for it
	LeftOut map[refund.Identity]Reason   // desired refunds that must not be sent, and why

	notSelected map[string]Tally                 // by fingerprint: creates that the saved plan counted and did not select
	rows        map[refund.Identity]bool         // every row of the plan
	known       map[refund.Identity]money.Amount // refunds that may appear at the API: the plan's creates, and those the ledger had as sent
}

// NotApproved is the code of a row that the plan file does not send.
const NotApproved = "not_approved"

// Withdrawn returns the creates of the plan file that the manifests have since dropped, held or changed. It
// omits those that an interrupted run of the same file left in doubt.
func (p *Plan) Withdrawn() []Change {
	if p.Digest == "" {
		return nil
	}
	return slices.DeleteFunc(p.Rows(Held), func(c Change) bool { return c.Reasons[0].Code == NotApproved || c.Doubtful() })
}

// Approval approves the plan's creates and nothing else.
func (s Saved) Approval() *Approval {
	a := &Approval{Digest: s.Digest, Parents: s.Parents, notSelected: s.NotSelected, LeftOut: map[refund.Identity]Reason{},
		rows: map[refund.Identity]bool{}, known: map[refund.Identity]money.Amount{}}
	for _, c := range s.Changes {
		a.rows[c.ID] = true
		if c.Action == Create || c.Entry != nil && c.Entry.Phase.Sent() {
			a.known[c.ID] = c.Amount
		}
		if c.Spec != nil && c.Action != Create {
			a.LeftOut[c.ID] = Reason{Code: NotApproved, Message: "the plan file lists it as " + c.Action.String() + " and does not send it"}
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
			a.LeftOut[c.ID] = Reason{Code: "row_missing", Message: "planned, but no manifest asks for it now"}
		case spec.Hold:
			a.LeftOut[c.ID] = Reason{Code: "hold", Message: "held in the manifest"}
		case !sendsSame(spec, *c.Request) || spec.Amount != c.Amount:
			a.LeftOut[c.ID] = Reason{Code: "row_changed", Message: "the manifest and the plan file differ; make a new plan to send it"}
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

// leftOut returns why a desired refund must not be sent: it is held, or not approved.
func (in *Input) leftOut(s *refund.Spec, id refund.Identity) (Reason, bool) {
	if in.unapproved(id) {
		return in.Approval.LeftOut[id], true
	}
	return Reason{Code: "hold", Message: "held in the manifest"}, s.Hold
}

// unapproved reports whether the plan file that is applied leaves the refund out.
func (in *Input) unapproved(id refund.Identity) bool {
	if in.Approval == nil {
		return false
	}
	_, out := in.Approval.LeftOut[id]
	return out
}
