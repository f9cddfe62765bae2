package plan

import (
	"fmt"
	"strings"

	"refundctl/internal/refund"
)

// guardMoved stops what would go to a parent whose refunds are not those that the approved plan saw.
func guardMoved(s scope) verdict {
	if s.approval == nil || !s.read.Good() {
		return nil
	}
	seen := s.approval.Parents[s.parent]
	own := map[string]bool{} // what an earlier run of the same plan has sent, or the list did not show yet
	for _, l := range s.read.Live {
		amount, known := s.approval.known[refund.Identity{Parent: s.parent, RefundID: l.RefundID}]
		own[l.RefundID] = known && amount == l.Amount && len(seen.Find(l.RefundID)) == 0
	}
	if seen.Good() && seen.SameFacts(s.read, own) {
		return nil
	}
	return s.all(Reason{"parent_moved", fmt.Sprintf("the refunds of %s %s changed since the plan was made: it saw %s, now there are %s",
		s.parent.Kind, s.parent.ID, seen.account(own), s.read.account(own)), "plan again and have the new plan approved"})
}

// account tells the refunds of a parent in short, but for those in except.
func (p ParentRead) account(except map[string]bool) string {
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
