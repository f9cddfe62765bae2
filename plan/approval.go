package plan

import (
	"slices"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Approval is what somebody agreed to: a saved plan, beyond which this one does not go.
type Approval struct {
	Digest  string                       // of its file
	Parents map[refund.Parent]ParentRead // as they were read for it
	LeftOut map[refund.Identity]Reason   // wanted refunds that are not to be sent, and why

	aside map[string]Tally                 // by fingerprint: what the plan counted beside its own creates
	rows  map[refund.Identity]bool         // all that the plan shows
	known map[refund.Identity]money.Amount // what may come to be seen: its creates, and what the ledger knew as sent
}

// NotApproved is the code of a row that the plan file does not send either.
const NotApproved = "not_approved"

// Withdrawn are the creates of the plan file that this plan carries out which the manifests dropped,
// hold or changed since; without what an interrupted run of it left in doubt.
func (p *Plan) Withdrawn() []Change {
	if p.Digest == "" {
		return nil
	}
	return slices.DeleteFunc(p.Rows(Held), func(c Change) bool { return c.Reasons[0].Code == NotApproved || c.Doubtful() })
}

// Approval lets go what the plan creates, and nothing else.
func (s Saved) Approval() *Approval {
	a := &Approval{Digest: s.Digest, Parents: s.Parents, aside: s.Aside, LeftOut: map[refund.Identity]Reason{},
		rows: map[refund.Identity]bool{}, known: map[refund.Identity]money.Amount{}}
	for _, c := range s.Changes {
		a.rows[c.ID] = true
		if c.Action == Create || c.Entry != nil && c.Entry.Phase.Sent() {
			a.known[c.ID] = c.Amount
		}
		if c.Spec != nil && c.Action != Create {
			a.LeftOut[c.ID] = Reason{Code: NotApproved, Message: "the plan file has it as " + c.Action.String() + ", not to be sent"}
		}
	}
	return a
}

// ApprovalOf is Approval where manifests are at hand: what they do not ask for any more, or in
// another way than the plan does, is left out.
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
			a.LeftOut[c.ID] = Reason{Code: "row_missing", Message: "planned, and no manifest asks for it any more"}
		case spec.Hold:
			a.LeftOut[c.ID] = Reason{Code: "hold", Message: "held in the manifest"}
		case !renders(spec, *c.Request) || spec.Amount != c.Amount:
			a.LeftOut[c.ID] = Reason{Code: "row_changed", Message: "the manifest asks for something else than the plan file; plan again for it"}
		}
	}
	return a
}

// SpecsOf is Specs where manifests are at hand: what they no longer clear of a twin is suspected again.
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

// renders tells whether a row would send these bytes to this path.
func renders(s refund.Spec, r refund.Request) bool {
	want, err := s.Request()
	return err == nil && string(want.Body) == string(r.Body) && want.Path == r.Path
}

// leftOut says why a wanted refund is not to be sent: its row, or what was approved.
func (in *Input) leftOut(s *refund.Spec, id refund.Identity) (Reason, bool) {
	if in.Approval != nil {
		if r, out := in.Approval.LeftOut[id]; out {
			return r, true
		}
	}
	return Reason{Code: "hold", Message: "held in the manifest"}, s.Hold
}
