package plan

import (
	"fmt"
	"strings"

	"refundctl/internal/refund"
)

// parentMoved is the code of approved rows whose parent is no longer as the plan file has it.
const parentMoved = "parent_moved"

// guardParentChanged stops refunds of a parent whose refunds are not those that the approved plan saw.
func guardParentChanged(s scope) verdict {
	if s.approval == nil || !s.read.Good() {
		return nil
	}
	seen := s.approval.Parents[s.parent]
	own := map[string]bool{} // sent by an earlier run of the same plan, or not listed yet when it was made
	for _, l := range s.read.Live {
		amount, known := s.approval.known[refund.Identity{Parent: s.parent, RefundID: l.RefundID}]
		own[l.RefundID] = known && amount == l.Amount && len(seen.Find(l.RefundID)) == 0
	}
	if seen.Good() && seen.SameFacts(s.read, own) {
		return nil
	}
	return s.all(Reason{parentMoved, fmt.Sprintf("the refunds of %s %s changed since the plan was made: it saw %s, now there are %s",
		s.parent.Kind, s.parent.ID, seen.summary(own), s.read.summary(own)), newPlan})
}

// summary lists the parent's refunds briefly, without those in except.
func (p ParentRead) summary(except map[string]bool) string {
	const most = 5
	var texts []string
	for _, l := range p.Live {
		text := l.RefundID + " " + l.Amount.Human()
		if l.Status.Dead() {
			text += " " + string(l.Status)
		}
		if !except[l.RefundID] {
			texts = append(texts, text)
		}
	}
	switch more := len(texts) - most; {
	case len(texts) == 0:
		return "none"
	case more > 0:
		texts = append(texts[:most], fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}
