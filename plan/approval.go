package plan

import "refundctl/internal/refund"

// Approval is what somebody agreed to: a saved plan, beyond which this one does not go.
type Approval struct {
	Digest  string                       // of its file
	Parents map[refund.Parent]ParentRead // as they were read for it
	LeftOut map[refund.Identity]Reason   // wanted refunds that are not to be sent, and why
}

// Approval lets go what the plan creates, as long as the manifests still ask for it in the same way.
// specs are theirs; nil where no manifests are at hand.
func (s Saved) Approval(specs []refund.Spec) *Approval {
	prints := map[string]string{}
	for _, a := range s.Accounts {
		prints[a.Name] = a.Fingerprint
	}
	asked := make(map[refund.Identity]refund.Spec, len(specs))
	for _, spec := range specs {
		asked[spec.Identity(prints[spec.Account])] = spec
	}
	a := &Approval{Digest: s.Digest, Parents: s.Parents, LeftOut: map[refund.Identity]Reason{}}
	for _, c := range s.Changes {
		if c.Spec == nil {
			continue
		}
		spec, there := asked[c.ID]
		switch {
		case c.Action != Create:
			a.LeftOut[c.ID] = Reason{Code: "not_approved", Message: "the plan file has it as " + c.Action.String() + ", not to be sent"}
		case specs == nil:
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
