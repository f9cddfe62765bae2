package plan

import (
	"fmt"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/state"
)

// guardReplacements stops a refund that may stand in for another one of its parent: that one was sent
// and is not dead, and its row has vanished from a manifest that is still there, as it does when
// somebody corrects a row and gives it another refund_id. Both would be paid. The row clears it with
// not_duplicate_of; a dead refund is replaced with supersedes.
func guardReplacements(s scope) verdict {
	v := verdict{}
	s.creates(func(i int, c Change) {
		var old []state.Entry
		for _, e := range s.vanished {
			other := c.PaymentID != "" && e.PaymentID != "" && c.PaymentID != e.PaymentID // of the same subscription
			if !other && !slices.Contains(c.Spec.NotDuplicateOf, e.ID.RefundID) {
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
		facts = append(facts, fmt.Sprintf("refund %s of %s on the same %s %s and has vanished from %s", e.ID.RefundID, e.Amount.Human(), e.ID.Kind, sent, place))
		ids = append(ids, e.ID.RefundID)
	}
	list := strings.Join(ids, ", ")
	return Reason{"replacement_suspected", strings.Join(facts, "; ") + ": if this one replaces it, both would be paid",
		fmt.Sprintf("put %s back and remove this row, or change it to the difference; if both are meant, write not_duplicate_of: [%s]", list, list)}
}

// vanished are the refunds of the parent that may have been paid and that no manifest asks for any
// more, though the manifest that asked for them is still there, or is not known.
func (g *group) vanished(read ParentRead) []state.Entry {
	var gone []state.Entry
	if len(g.in.Files) == 0 {
		return nil
	}
	for _, e := range slices.Concat(g.entries, g.unlistedNearby(read)) {
		sent := e.Phase == state.Accepted || e.Phase == state.Settled || e.Phase == state.Intended
		dead := slices.ContainsFunc(read.Find(e.ID.RefundID), func(l refund.Live) bool { return l.Status.Dead() })
		known := e.Source.File == "" || slices.Contains(g.in.Files, e.Source.File)
		if sent && !dead && known && !g.in.asks(g.account.Name, e.ID.RefundID) {
			gone = append(gone, e)
		}
	}
	return gone
}

// asks reports whether a manifest asks for the refund_id, on whatever parent.
func (in *Input) asks(account, refundID string) bool {
	return in.wanted[wish{account, refundID}]
}

// wish is a refund_id that a manifest asks for; account is the account's name.
type wish struct{ account, refundID string }

// wishes are those of all manifests that were read.
func (in *Input) wishes() map[wish]bool {
	specs := in.Specs
	if in.Asked != nil {
		specs = in.Asked
	}
	all := make(map[wish]bool, len(specs))
	for _, s := range specs {
		all[wish{s.Account, s.RefundID}] = true
	}
	return all
}
