package state

import "refundctl/internal/refund"

// Resolved is the How of an outcome that a person found.
const Resolved = "resolved"

// finding is what a person found out about one attempt. A later finding about it takes its place, so that
// what one person saw wrong another can put right; what the API itself said outweighs both.
type finding struct {
	attempt int32
	resultPart
}

// hear takes a person's finding in.
func (r *record) foldFinding(o *Outcome, s stamp, by *chain) {
	f := finding{attempt: int32(o.Attempt)}
	f.add(o, s, by)
	for i := range r.findings {
		have := &r.findings[i]
		if have.attempt != f.attempt {
			continue
		}
		if s.after(have.stamp) {
			*have = f
		}
		return
	}
	r.findings = append(r.findings, f)
}

// held is what is known of the refund at the API, and under which attempt: the highest one, and under one
// attempt what the API said before what a person found. It is nil where nothing is known to be there.
func (r *record) atAPI() (part *resultPart, attempt int32, byPerson bool) {
	attempt = -1
	switch {
	case r.result.phase.Sent():
		part, attempt = &r.result, r.attempt
	case r.lower != nil:
		part, attempt = &r.lower.resultPart, r.lower.attempt
	}
	for i := range r.findings {
		if f := &r.findings[i]; f.phase.Sent() && f.attempt > attempt {
			part, attempt, byPerson = &f.resultPart, f.attempt, true
		}
	}
	return part, attempt, byPerson
}

// unsentByPerson reports whether the attempt's end is that a person found nothing sent.
func (r *record) unsentByPerson() bool {
	for i := range r.findings {
		if f := &r.findings[i]; f.attempt == r.attempt && !f.phase.Sent() && f.stamp == r.result.stamp {
			return true
		}
	}
	return false
}

// describe makes the entry one of the attempt that the API holds, without what only another intent said.
func (p *resultPart) describeEntry(e *Entry, attempt int) {
	if attempt != e.Attempt {
		e.Attempt, e.Try, e.Key, e.BodyHash = attempt, 0, "", [32]byte{}
		if attempt > 0 {
			id := e.ID
			id.Account = FingerprintOf(id.Account)
			e.Key = refund.Key(id, attempt)
		}
	}
	e.Amount, e.Splits, e.Status, e.ARN = p.amount, p.splits, p.status, p.arn
}
