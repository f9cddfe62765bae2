package plan

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/state"
)

// guardReplacements stops a refund that may replace another one of its parent. That one was sent and is
// not dead, and its row has vanished from a manifest that still exists: this happens if somebody corrects
// a row and gives it another refund_id. Both would be paid. not_duplicate_of on the new row clears it; a
// dead refund is replaced with supersedes.
func guardReplacements(s scope) verdict {
	v := verdict{}
	s.eachCreate(func(i int, c Change) {
		var old []state.Entry
		for _, e := range s.vanished {
			otherPayment := c.PaymentID != "" && e.PaymentID != "" && c.PaymentID != e.PaymentID // of the same subscription
			if !otherPayment && !slices.Contains(c.Spec.NotDuplicateOf, e.ID.RefundID) {
				old = append(old, e)
			}
		}
		if len(old) > 0 {
			v[i] = replacement(c, old)
		}
	})
	return v
}

func replacement(c Change, old []state.Entry) Reason {
	var facts, ids []string
	for _, e := range old {
		sent, place := "was sent", "the manifests"
		if e.Phase == state.Intended {
			sent = "may have been sent"
		}
		if e.Source.File != "" {
			place = e.Source.File
		}
		facts = append(facts, fmt.Sprintf("refund %s of %s on the same %s %s and is no longer in %s", e.ID.RefundID, e.Amount.Human(), e.ID.Kind, sent, place))
		ids = append(ids, e.ID.RefundID)
	}
	list := strings.Join(ids, ", ")
	return Reason{"replacement_suspected", strings.Join(facts, "; ") + ": if this one replaces it, both would be paid",
		fmt.Sprintf("put %s back and remove this row, or change it to the difference; if both are intended, write not_duplicate_of: [%s]", list, list)}
}

// vanished returns the parent's refunds that may have been paid and that no manifest asks for now,
// although the manifest that asked for them still exists or is unknown.
func (g *group) vanished(read ParentRead) []state.Entry {
	var vanished []state.Entry
	if len(g.in.Files) == 0 {
		return nil
	}
	for _, e := range slices.Concat(g.entries, g.unseenNearby(read)) {
		sent := e.Phase == state.Accepted || e.Phase == state.Settled || e.Phase == state.Intended
		dead := slices.ContainsFunc(read.Find(e.ID.RefundID), func(l refund.Live) bool { return l.Status.Dead() })
		known := e.Source.File == "" || slices.Contains(g.in.Files, e.Source.File)
		if sent && !dead && known && !g.in.isDesired(g.account.Name, e.ID.RefundID) {
			vanished = append(vanished, e)
		}
	}
	return vanished
}

// isDesired reports whether a manifest asks for the refund_id, on any parent.
func (in *Input) isDesired(account, refundID string) bool {
	return in.desired[desiredID{account, refundID}]
}

// desiredID is a refund_id that a manifest asks for, in the account of this name.
type desiredID struct{ account, refundID string }

// desiredIDs returns those of all manifests that were read.
func (in *Input) desiredIDs() map[desiredID]bool {
	specs := in.Specs
	if in.Asked != nil {
		specs = in.Asked
	}
	all := make(map[desiredID]bool, len(specs))
	for _, s := range specs {
		all[desiredID{s.Account, s.RefundID}] = true
	}
	return all
}
