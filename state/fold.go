package state

import (
	"cmp"
	"slices"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// The fold gives the same State whatever the order of the runs in the file (R13). Every field is therefore
// a maximum or a minimum over a set of events: those of the highest attempt, or all of them.

// stamp orders events by time. Events of the same instant are ordered by their hashes: any order will do
// that does not depend on the file.
type stamp struct {
	at   int64 // Unix nanoseconds
	mark uint64
}

func later(s, t stamp) stamp {
	if t.after(s) {
		return t
	}
	return s
}

func (s stamp) after(t stamp) bool { return s.at > t.at || s.at == t.at && s.mark > t.mark }

// record is what the fold keeps of one refund. The first fields cover all attempts, attempt, intent and
// result only the highest one.
type record struct {
	parent   *parent
	refundID string
	sibling  *record // the next refund of the same parent
	namesake *record // the next one with this refund_id in the account, under another parent

	created, updated    int64
	account             string  // its name in the latest event
	place               string  // the address of a run that named it; empty if no run says
	firstCfID, lastCfID string  // the smallest and the largest
	tried               int64   // the latest try
	claims              []claim // one per run; none about attempts up to one that the API has

	attempt int32
	intent  intentPart
	result  resultPart

	seen stamp // the latest outcome that shows it at the API
	rare *rare // nil for most refunds, which keeps a record small
}

// rare is what the fold keeps of few refunds.
type rare struct {
	payment  string       // the largest that an event named; there should be one at most
	lower    *lowerResult // what the API accepted under a lower attempt; nil if nothing
	missed   stamp        // the latest outcome that misses it at the API
	cancels  cancels
	findings []finding // of people, one per attempt
}

// unusual returns what the record has beyond other refunds.
func (r *record) unusual() rare {
	if r.rare == nil {
		return rare{}
	}
	return *r.rare
}

// ensureRare is unusual, to change it.
func (r *record) ensureRare() *rare {
	if r.rare == nil {
		r.rare = new(rare)
	}
	return r.rare
}

// lowerResult is the highest attempt that the API accepted, if a further one was made.
type lowerResult struct {
	attempt int32
	resultPart
}

// intentPart is the attempt's latest try.
type intentPart struct {
	stamp
	try     int32
	amount  money.Amount
	splits  []refund.Split
	key     uuid
	hash    digest
	request *refund.Request // nil once the API has accepted the attempt
	file    string
	line    int32
	column  int32
}

// resultPart is the attempt's outcome of most weight. A finding that it was sent is not part of it.
type resultPart struct {
	stamp
	phase     Phase
	amount    money.Amount
	splits    []refund.Split
	status    refund.Status
	answer    *answer
	arn       string // the latest
	arnAt     int64
	details   *refund.Details // the latest
	detailsAt int64
	accepted  int64  // the time of the first outcome that says the API has it
	paid      int64  // of the latest outcome that says it was paid
	by        *chain // the run of the outcome
	createdAt int64  // the earliest time that the API gives for its creation; 0 if none
}

// notAttempted is the class of an outcome that says that its try was throttled, or never left this machine.
const notAttempted = "not_attempted"

// answer is the answer of a refusal or of an unknown outcome.
type answer struct{ class, code, message, requestID string }

// weight orders the phases of one attempt: an outcome replaces those of less weight (R13).
func weight(p Phase) int {
	switch p {
	case Settled, Failed:
		return 3
	case Accepted:
		return 2
	case Refused, NotSent:
		return 1
	}
	return 0
}

// touchAttempt takes in an event about an attempt, and reports whether that is the highest attempt.
func (r *record) touchAttempt(attempt int, account, payment string, s stamp) bool {
	r.touch(account, payment, s)
	if n := int32(attempt); n > r.attempt {
		if r.result.phase.Sent() {
			r.ensureRare().lower = &lowerResult{r.attempt, r.result}
		}
		r.attempt, r.intent, r.result = n, intentPart{}, resultPart{}
	}
	return int32(attempt) == r.attempt
}

// touch takes in what any event says that names the refund.
func (r *record) touch(account, payment string, s stamp) {
	if r.updated == 0 || s.at < r.created {
		r.created = s.at
	}
	if s.at > r.updated || s.at == r.updated && account > r.account {
		r.updated, r.account = s.at, account
	}
	if payment > r.unusual().payment {
		r.ensureRare().payment = payment
	}
}

// sentAttempt is the highest attempt that the API is known to have; -1 if none.
func (r *record) sentAttempt() int32 {
	_, attempt, _ := r.atAPI()
	return attempt
}

// foldIntent takes in an intent.
func (r *record) foldIntent(in *Intent, body digest, s stamp) {
	r.tried = max(r.tried, s.at)
	if !r.touchAttempt(in.Attempt, in.AccountName, in.PaymentID, s) {
		return
	}
	p := &r.intent
	p.try = max(p.try, int32(in.Try))
	if !s.after(p.stamp) {
		return
	}
	key, _ := parseUUID(in.Key)
	*p = intentPart{
		stamp: s, try: p.try, amount: in.Amount, splits: in.Splits, key: key, hash: body, file: in.Source.File, line: int32(in.Source.Line), column: int32(in.Source.Column),
	}
	if !r.result.phase.Sent() {
		request := in.Request
		p.request = &request
	}
}

// foldOutcome takes in an outcome of the run by.
func (r *record) foldOutcome(o *Outcome, s stamp, by *chain) {
	switch {
	case o.How == Missing: // it changes nothing that the API said before
		r.touch(o.AccountName, o.PaymentID, s)
		r.ensureRare().missed = later(r.unusual().missed, s)
		return
	case o.Phase.Sent() && o.How != Resolved:
		r.seen = later(r.seen, s)
	}
	if id := refund.PlainCfID(o.CfRefundID); id != "" {
		if r.firstCfID == "" || id < r.firstCfID {
			r.firstCfID = id
		}
		r.lastCfID = max(r.lastCfID, id)
	}
	if o.How == Cancelling {
		c := &r.ensureRare().cancels
		c.answered = max(c.answered, s.at)
	}
	highest := r.touchAttempt(o.Attempt, o.AccountName, o.PaymentID, s)
	if o.How == Resolved {
		r.foldFinding(o, s, by)
	}
	switch {
	case o.How == Resolved && o.Phase.Sent():
		return // it may be taken back by another person, and is kept as a finding
	case !highest:
		r.foldLowerOutcome(o, s, by)
		return
	}
	r.result.add(o, s, by)
	if o.Phase.Sent() {
		r.intent.request = nil
		if r.rare != nil {
			r.rare.lower = nil
		}
		r.dropResolvedClaims()
	}
}

// foldLowerOutcome takes in what the API accepted under an attempt below the highest.
func (r *record) foldLowerOutcome(o *Outcome, s stamp, by *chain) {
	n := int32(o.Attempt)
	lower := r.unusual().lower
	if !o.Phase.Sent() || r.result.phase.Sent() || lower != nil && n < lower.attempt {
		return
	}
	if lower == nil || n > lower.attempt {
		lower = &lowerResult{attempt: n}
		r.ensureRare().lower = lower
	}
	lower.add(o, s, by)
	r.dropResolvedClaims()
}

// dropResolvedClaims drops the claims about attempts up to the one that the API has: they no longer count.
func (r *record) dropResolvedClaims() {
	sent := r.attempt
	if !r.result.phase.Sent() {
		sent = r.rare.lower.attempt
	}
	r.claims = slices.DeleteFunc(r.claims, func(c claim) bool { return c.attempt <= sent })
	if len(r.claims) == 0 {
		r.claims = nil
	}
}

// add takes in an outcome of the attempt.
func (p *resultPart) add(o *Outcome, s stamp, by *chain) {
	if o.Phase.Sent() && (p.accepted == 0 || s.at < p.accepted) {
		p.accepted = s.at
	}
	if o.Phase == Settled {
		p.paid = max(p.paid, s.at)
	}
	if o.Phase.Sent() && o.ARN != "" && (s.at > p.arnAt || s.at == p.arnAt && o.ARN > p.arn) {
		p.arn, p.arnAt = o.ARN, s.at
	}
	if d := o.Details; o.Phase.Sent() && hasDetails(d) && (s.at > p.detailsAt || s.at == p.detailsAt && p.details.Compare(*d) < 0) {
		p.details, p.detailsAt = d, s.at
	}
	if created := apiNanos(o.CreatedAt); o.Phase.Sent() && created > 0 && (p.createdAt == 0 || created < p.createdAt) {
		p.createdAt = created
	}
	have, next := weight(p.phase), weight(o.Phase)
	if next < have || next == have && !s.after(p.stamp) {
		return
	}
	p.by = by
	p.stamp, p.phase, p.amount, p.splits, p.status, p.answer = s, o.Phase, o.Amount, o.Splits, o.Status, nil
	if !o.Phase.Sent() && o.Class+o.Code+o.Message+o.RequestID != "" {
		p.answer = &answer{o.Class, o.Code, o.Message, o.RequestID}
	}
}

// phase is how far the refund came. What the API has stays, even if a run that did not know of it tried
// again and was refused. Only a further try without an outcome puts the refund in doubt again.
func (s *State) phase(r *record) Phase {
	live, attempt, _ := r.atAPI()
	switch {
	case live != nil && attempt == r.attempt:
		return live.phase
	case r.inDoubt(s.chains):
		return Intended
	case live != nil:
		return live.phase
	case r.result.phase == "":
		return Intended
	}
	return r.result.phase
}

// entry is the record in the form that other packages see. What the API reported takes precedence over
// what was asked for.
func (s *State) entry(r *record) Entry {
	in, out, phase := &r.intent, &r.result, s.phase(r)
	live, attempt, byPerson := r.atAPI()
	of := s.latestBinding[FingerprintOf(r.parent.id.Account)]
	environment := s.environment(r.parent.id.Account)
	few := r.unusual()
	e := Entry{
		AccountName: cmp.Or(of.Account, r.account), Environment: environment, BaseURL: r.place, ID: refund.Identity{Parent: r.parent.id, RefundID: r.refundID}, PaymentID: few.payment,
		Amount: in.amount, Splits: in.splits, Phase: phase, Status: out.status, CfRefundID: r.firstCfID, ARN: out.arn,
		Key: in.key.String(), Attempt: int(r.attempt), Try: int(in.try), BodyHash: in.hash,
		CreatedAt: unixTime(r.created), TriedAt: unixTime(r.tried), UpdatedAt: unixTime(r.updated),
		Source: diag.Place{File: in.file, Line: int(in.line), Column: int(in.column)}, Conflict: r.conflict(),
		CancelSent: r.cancelSentAt(), ByPerson: phase.Sent() && byPerson || phase == NotSent && r.unsentByPerson(),
		Details: out.details,
	}
	if live != nil {
		e.AcceptedAt, e.By = unixTime(live.accepted), live.by.run.ID
	}
	if live != nil && phase == Failed {
		e.PaidBefore = unixTime(live.paid)
	}
	if phase.Sent() && few.missed.after(r.seen) {
		e.MissingSince = unixTime(few.missed.at)
	}
	switch {
	case phase == Intended && in.request != nil:
		e.RequestID = in.request.ID
		if r.sameBody(s.chains) {
			e.Request = in.request
		}
	case phase.Sent() && live != out:
		live.describeEntry(&e, int(attempt))
		return e
	}
	if out.amount.Minor != 0 && (phase.Sent() || e.Amount.Minor == 0) {
		e.Amount = out.amount
	}
	if phase.Sent() && len(out.splits) > 0 {
		e.Splits = out.splits
	}
	if out.answer != nil && weight(out.phase) == weight(phase) {
		e.Code, e.Message = out.answer.code, out.answer.message
		if e.RequestID = cmp.Or(out.answer.requestID, e.RequestID); out.answer.class == notAttempted && out.after(in.stamp) {
			e.RequestID = out.answer.requestID // the latest try never left
		}
		if phase == Intended {
			e.LastClass = out.answer.class
		}
	}
	return e
}

// conflict names the two refunds of the API that have this one identity; empty if there is one at most.
func (r *record) conflict() string {
	if r.firstCfID != r.lastCfID {
		return r.firstCfID + ", " + r.lastCfID
	}
	return ""
}

// unixTime is the time of Unix nanoseconds; zero for 0.
func unixTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
