package state

import "refundctl/internal/refund"

// parent is what is kept of an order, a subscription or a payment.
type parent struct {
	id      refund.Parent
	refunds *record
	facts   refund.Facts
	known   stamp // of facts
	moved   [2]move
}

// move is the latest intent or outcome of a parent by the runs of one plan. A parent keeps the two
// latest of different plans, which is enough to tell the latest that is not of a given plan.
type move struct {
	at   int64
	plan string
}

func (p *parent) move(at int64, plan string) {
	first, second := &p.moved[0], &p.moved[1]
	switch {
	case plan == first.plan || first.at == 0:
		*first = move{max(at, first.at), plan}
	case plan == second.plan || at > second.at:
		*second = move{max(at, second.at), plan}
	}
	if second.at > first.at || second.at == first.at && second.plan > first.plan {
		*first, *second = *second, *first
	}
}

func (p *parent) learn(f refund.Facts, s stamp) {
	if f.Known && s.after(p.known) {
		p.facts, p.known = f, s
	}
}
