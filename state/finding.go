package state

import "refundctl/internal/refund"

// Resolved is the How of an outcome that is a person's finding.
const Resolved = "resolved"

// finding is what a person found out about one attempt. A later finding replaces it, so that one person's
// mistake can be corrected by another. What the API itself said takes precedence over both.
type finding struct {
	attempt int32
	resultPart
}

// foldFinding takes in a person's finding.
func (r *record) foldFinding(o *Outcome, s stamp, by *chain) {
	f := finding{attempt: int32(o.Attempt)}
	f.add(o, s, by)
	few := r.ensureRare()
	for i := range few.findings {
		have := &few.findings[i]
		if have.attempt != f.attempt {
			continue
		}
		if s.after(have.stamp) {
			*have = f
		}
		return
	}
	few.findings = append(few.findings, f)
}

// atAPI returns what is known of the refund at the API, and under which attempt: the highest one. For the same
// attempt, what the API said takes precedence over a person's finding. part is nil if nothing is known to be
// there.
func (r *record) atAPI() (part *resultPart, attempt int32, byPerson bool) {
	attempt = -1
	few := r.unusual()
	switch {
	case r.result.phase.Sent():
		part, attempt = &r.result, r.attempt
	case few.lower != nil:
		part, attempt = &few.lower.resultPart, few.lower.attempt
	}
	for i := range few.findings {
		if f := &few.findings[i]; f.phase.Sent() && f.attempt > attempt {
			part, attempt, byPerson = &f.resultPart, f.attempt, true
		}
	}
	return part, attempt, byPerson
}

// unsentByPerson reports whether the outcome of the attempt is a person's finding that it was not sent.
func (r *record) unsentByPerson() bool {
	findings := r.unusual().findings
	for i := range findings {
		if f := &findings[i]; f.attempt == r.attempt && !f.phase.Sent() && f.stamp == r.result.stamp {
			return true
		}
	}
	return false
}

// describeEntry makes the entry describe the attempt that the API has, without what only another intent said.
func (p *resultPart) describeEntry(e *Entry, attempt int) {
	if attempt != e.Attempt {
		e.Attempt, e.Try, e.Key, e.BodyHash = attempt, 0, "", [32]byte{}
		if attempt > 0 {
			id := e.ID
			id.Account = FingerprintOf(id.Account)
			e.Key = refund.Key(id, attempt)
		}
	}
	e.Amount, e.Splits, e.Status, e.ARN, e.Details = p.amount, p.splits, p.status, p.arn, p.details
}
