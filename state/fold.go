package state

import (
	"cmp"
	"slices"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// The fold of R13 gives the same State in whatever order the runs stand. Every field is therefore
// a maximum or a minimum over a set of events: of the winning attempt, or of all of them.

// stamp orders events by time. Events of one instant are ordered by their hashes: any order will
// do that does not come from the file.
type stamp struct {
	at   int64 // Unix nanoseconds
	mark uint64
}

func (s stamp) after(t stamp) bool { return s.at > t.at || s.at == t.at && s.mark > t.mark }

// record is what is kept of one refund. Its first part covers all attempts; the rest is of the
// highest one alone.
type record struct {
	parent   *parent
	refundID string
	sibling  *record // the next refund of the same parent
	namesake *record // the next one with this refund_id in the account, under another parent

	created, updated    int64
	account             string  // as the latest event names it
	place               string  // the address of any run that named it, empty where none tells
	payment             string  // the largest that any event named; there should be one at most
	firstCfID, lastCfID string  // the smallest and the largest
	tried               int64   // the latest try
	claims              []claim // one a run; none of attempts up to one that the API holds
	cancels             *cancels

	attempt int32
	intent  intentPart
	result  resultPart
	lower   *lowerResult // what the API accepted under a lower attempt; nil where it did not

	findings []finding // of persons, one an attempt
}

// belowPart is the highest attempt that the API holds, where a further one was made.
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
	request *refund.Request // nil once the attempt has an outcome
	file    string
	line    int32
	column  int32
}

// resultPart is the attempt's weightiest outcome. What a person found sent is no part of it.
type resultPart struct {
	stamp
	phase     Phase
	amount    money.Amount
	splits    []refund.Split
	status    refund.Status
	answer    *answer
	arn       string // the latest
	arnAt     int64
	accepted  int64  // when the first outcome came that says the API holds it
	by        *chain // whose outcome it is
	createdAt int64  // when the API says that it was made, the earliest; 0 where it does not
}

// said is the answer of a refusal or of an unknown outcome.
type answer struct{ class, code, message string }

// weight is R13's order of the phases within one attempt.
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

// seen takes notice of any event of the refund, and tells whether the event is of the highest attempt.
func (r *record) touchAttempt(attempt int, account, payment string, s stamp) bool {
	r.touch(account, payment, s)
	if n := int32(attempt); n > r.attempt {
		if r.result.phase.Sent() {
			r.lower = &lowerResult{r.attempt, r.result}
		}
		r.attempt, r.intent, r.result = n, intentPart{}, resultPart{}
	}
	return int32(attempt) == r.attempt
}

// touch takes notice of an event that names the refund.
func (r *record) touch(account, payment string, s stamp) {
	if r.updated == 0 || s.at < r.created {
		r.created = s.at
	}
	if s.at > r.updated || s.at == r.updated && account > r.account {
		r.updated, r.account = s.at, account
	}
	r.payment = max(r.payment, payment)
}

// sentAttempt is the highest attempt that the API is known to hold; -1 for none.
func (r *record) sentAttempt() int32 {
	_, attempt, _ := r.atAPI()
	return attempt
}

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

func (r *record) foldOutcome(o *Outcome, s stamp, by *chain) {
	if id := refund.PlainCfID(o.CfRefundID); id != "" {
		if r.firstCfID == "" || id < r.firstCfID {
			r.firstCfID = id
		}
		r.lastCfID = max(r.lastCfID, id)
	}
	if o.How == Cancelling {
		c := r.ensureCancels()
		c.answered = max(c.answered, s.at)
	}
	highest := r.touchAttempt(o.Attempt, o.AccountName, o.PaymentID, s)
	if o.How == Resolved {
		r.foldFinding(o, s, by)
	}
	switch {
	case o.How == Resolved && o.Phase.Sent():
		return // a person's word, which another may take back
	case !highest:
		r.foldLowerOutcome(o, s, by)
		return
	}
	r.result.add(o, s, by)
	if o.Phase.Sent() {
		r.intent.request, r.lower = nil, nil
		r.dropResolvedClaims()
	}
}

// under takes in what the API accepted under an attempt below the highest.
func (r *record) foldLowerOutcome(o *Outcome, s stamp, by *chain) {
	n := int32(o.Attempt)
	if !o.Phase.Sent() || r.result.phase.Sent() || r.lower != nil && n < r.lower.attempt {
		return
	}
	if r.lower == nil || n > r.lower.attempt {
		r.lower = &lowerResult{attempt: n}
	}
	r.lower.add(o, s, by)
	r.dropResolvedClaims()
}

// hush forgets the words about attempts up to the one that the API said it holds: they count no more.
func (r *record) dropResolvedClaims() {
	sent := r.attempt
	if !r.result.phase.Sent() {
		sent = r.lower.attempt
	}
	r.claims = slices.DeleteFunc(r.claims, func(w claim) bool { return w.attempt <= sent })
	if len(r.claims) == 0 {
		r.claims = nil
	}
}

func (p *resultPart) add(o *Outcome, s stamp, by *chain) {
	if o.Phase.Sent() && (p.accepted == 0 || s.at < p.accepted) {
		p.accepted = s.at
	}
	if o.Phase.Sent() && o.ARN != "" && (s.at > p.arnAt || s.at == p.arnAt && o.ARN > p.arn) {
		p.arn, p.arnAt = o.ARN, s.at
	}
	if born := apiNanos(o.CreatedAt); o.Phase.Sent() && born > 0 && (p.createdAt == 0 || born < p.createdAt) {
		p.createdAt = born
	}
	have, comes := weight(p.phase), weight(o.Phase)
	if comes < have || comes == have && !s.after(p.stamp) {
		return
	}
	p.by = by
	p.stamp, p.phase, p.amount, p.splits, p.status, p.answer = s, o.Phase, o.Amount, o.Splits, o.Status, nil
	if !o.Phase.Sent() && o.Class+o.Code+o.Message != "" {
		p.answer = &answer{o.Class, o.Code, o.Message}
	}
}

// phase is how far the refund came. What the API holds stays so, also where a run that did not
// know of it tried again and was refused: only a further try that nobody has accounted for asks
// for another look.
func (s *State) phase(r *record) Phase {
	held, attempt, _ := r.atAPI()
	switch {
	case held != nil && attempt == r.attempt:
		return held.phase
	case r.inDoubt(s.chains):
		return Intended
	case held != nil:
		return held.phase
	case r.result.phase == "":
		return Intended
	}
	return r.result.phase
}

// entry is the record as the rest of the program knows it. What the API reported counts before
// what was asked of it.
func (s *State) entry(r *record) Entry {
	in, out, phase := &r.intent, &r.result, s.phase(r)
	held, attempt, byPerson := r.atAPI()
	of := s.latestBinding[FingerprintOf(r.parent.id.Account)]
	environment := s.environment(r.parent.id.Account)
	e := Entry{
		AccountName: cmp.Or(of.Account, r.account), Environment: environment, BaseURL: r.place, ID: refund.Identity{Parent: r.parent.id, RefundID: r.refundID}, PaymentID: r.payment,
		Amount: in.amount, Splits: in.splits, Phase: phase, Status: out.status, CfRefundID: r.firstCfID, ARN: out.arn,
		Key: in.key.String(), Attempt: int(r.attempt), Try: int(in.try), BodyHash: in.hash,
		CreatedAt: unixTime(r.created), TriedAt: unixTime(r.tried), UpdatedAt: unixTime(r.updated),
		Source: diag.Place{File: in.file, Line: int(in.line), Column: int(in.column)}, Conflict: r.conflict(),
		CancelSent: r.cancelSentAt(), ByPerson: phase.Sent() && byPerson || phase == NotSent && r.unsentByPerson(),
	}
	if held != nil {
		e.AcceptedAt, e.By = unixTime(held.accepted), held.by.run.ID
	}
	switch {
	case phase == Intended && r.sameBody(s.chains):
		e.Request = in.request
	case phase.Sent() && held != out:
		held.describeEntry(&e, int(attempt))
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
		if phase == Intended {
			e.LastClass = out.answer.class
		}
	}
	return e
}

// conflict names the two refunds of the API that share one identity.
func (r *record) conflict() string {
	if r.firstCfID != r.lastCfID {
		return r.firstCfID + ", " + r.lastCfID
	}
	return ""
}

// moment is the time of Unix nanoseconds, zero for none.
func unixTime(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
