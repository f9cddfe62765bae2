package state

import (
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Phase is how far an attempt at a refund came. `state list` prints these words.
type Phase string

// Intended has no outcome yet; once its run is over, it is in doubt. Accepted is at the API and not settled.
// Settled is SUCCESS there, Failed is CANCELLED or FAILED. Refused was answered with a no. NotSent never
// reached the API, or was proved absent for good.
const (
	Intended Phase = "intended"
	Accepted Phase = "accepted"
	Settled  Phase = "settled"
	Failed   Phase = "failed"
	Refused  Phase = "refused"
	NotSent  Phase = "not_sent"
)

// Sent reports whether the API has the refund, as far as the ledger knows.
func (p Phase) Sent() bool { return p == Accepted || p == Settled || p == Failed }

// PhaseOf returns the phase of a refund that the API reports with this status.
func PhaseOf(s refund.Status) Phase {
	switch {
	case s == refund.Success:
		return Settled
	case s.Dead():
		return Failed
	}
	return Accepted
}

// Header opens a run: the first event of its chain.
type Header struct {
	Lineage    string         `json:"lineage"`         // the ledger's name, made by its first run
	Heads      []string       `json:"heads,omitempty"` // the last hashes of the runs in the ledger that no other run cites
	Actor      string         `json:"actor,omitempty"`
	Command    string         `json:"command,omitempty"`
	Program    string         `json:"program,omitempty"` // the program's version
	Commit     string         `json:"commit,omitempty"`  // of the repository that holds the manifests
	PlanDigest string         `json:"plan_digest,omitempty"`
	Approvers  []string       `json:"approvers,omitempty"` // as given to the run, in that order
	CIRun      string         `json:"ci_run,omitempty"`    // the URL of the pipeline's run or job
	Accepts    LedgerMismatch `json:"accepts,omitempty"`   // why the ledger was not the expected one; a person accepted it anyway
	Reason     string         `json:"reason,omitempty"`    // the person's
	Places     []Place        `json:"places,omitempty"`    // through which addresses it used its accounts; sorted by fingerprint

	WithoutManifests bool `json:"without_manifests,omitempty"` // it continued although manifests of the configuration were missing
}

// Place is the address through which a run used an account. What was learned through one address does not
// count for another, which may be a rehearsal, or on another computer.
type Place struct {
	Fingerprint string `json:"fingerprint"`
	BaseURL     string `json:"base_url,omitempty"` // as refund.Place gives it; empty for the environment's own
}

// End closes a run, with the number of refunds that ended in each way. A run without it was interrupted.
type End struct {
	Sent    int `json:"sent"`
	Refused int `json:"refused"`
	InDoubt int `json:"in_doubt"`
	NotSent int `json:"not_sent"`
}

// Binding ties an account's name and environment to a fingerprint (R15).
type Binding struct {
	Account     string `json:"account"`
	API         string `json:"api"`
	Environment string `json:"environment"`
	Fingerprint string `json:"fingerprint"`
	// Credentials is the fingerprint of the credentials without a merchant_id (R21). Equal ones belong to
	// one merchant. It is empty for the emulator, and in ledgers of formats 1 and 2.
	Credentials string `json:"credentials,omitempty"`
	Reason      string `json:"reason,omitempty"` // of a rebind
}

// Proof says which reads showed that a refund is absent (R7, R8): answers of 200 without the refund.
// SettledBy is "two_reads" (absent now), "settle_after" (absent for good) or "person", with a Reason.
type Proof struct {
	FirstRead  time.Time `json:"first_read,omitzero"`
	SecondRead time.Time `json:"second_read,omitzero"`
	SettledBy  string    `json:"settled_by"`
	Reason     string    `json:"reason,omitempty"`
	Read       string    `json:"read,omitempty"`        // what a read showed before a person's finding: Absent or Differs, at FirstRead; empty if nothing could be read
	AgainstAPI bool      `json:"against_api,omitempty"` // the person insisted although the read showed otherwise
}

// What a read showed that contradicts a person's finding.
const (
	Absent  = "absent"
	Differs = "differs" // a different refund has its refund_id
)

// Intent is what is about to be sent. It is durable before the first byte leaves (R1).
type Intent struct {
	AccountName string
	ID          refund.Identity
	PaymentID   string
	Amount      money.Amount
	Splits      []refund.Split
	Key         string
	Attempt     int // the number in the key, from 1
	Try         int // the number of the POST within the attempt, from 1
	Request     refund.Request
	Facts       refund.Facts // of the parent, as the plan used them
	Source      diag.Place
	Labels      map[string]string
	Proof       *Proof // why a further attempt may be made, or the same bytes sent again
}

// Terms returns what the intent asks for.
func (in Intent) Terms() refund.Terms {
	return refund.Terms{Kind: in.ID.Kind, ParentID: in.ID.ID, PaymentID: in.PaymentID, Amount: in.Amount, Splits: in.Splits, KnowsSplits: true}
}

// Outcome is what became of an intent, or what a read showed of a refund. With phase Intended it records an
// answer that leaves the refund in doubt.
type Outcome struct {
	AccountName string
	ID          refund.Identity
	PaymentID   string
	Attempt     int // the intent's; 0 for a live refund that was never sent from this ledger
	Phase       Phase
	Amount      money.Amount
	Splits      []refund.Split // as the API reports them, if it does
	Status      refund.Status
	CfRefundID  string
	ARN         string
	How         string // answered, read_back, adopted, status, absent, missing, resolved, cancel
	Class       string // of the answer: an apply.Class
	HTTP        int
	Replayed    bool
	RequestID   string // x-request-id of the answer; empty if none came
	Code        string
	Message     string
	CreatedAt   time.Time // as the API reports it
	ProcessedAt time.Time
	Details     *refund.Details // nil if the API reports none
	Proof       *Proof
}

// Entry is what the ledger knows about one refund: the fold of its events.
type Entry struct {
	AccountName string
	Environment string // of its account's binding, and the address used if that is Elsewhere; empty if the ledger has no binding
	BaseURL     string // the address through which it was learned; empty for the environment's own, or if the ledger does not say
	ID          refund.Identity
	PaymentID   string
	Amount      money.Amount
	Splits      []refund.Split
	Phase       Phase
	Status      refund.Status
	CfRefundID  string
	ARN         string
	Key         string
	Attempt     int
	Try         int
	LastClass   string // the class of the latest answer of this attempt, while Intended
	Code        string // of the latest refusal or unknown outcome
	Message     string
	RequestID   string          // x-request-id of the answer that Code and Message are from; without one, of the latest try while Intended, if it was sent
	Details     *refund.Details // as the API reported them last; nil if it reported none
	BodyHash    [32]byte        // SHA-256 of the attempt's bytes; zero for an adopted refund
	Request     *refund.Request // only while Intended: what may have been sent, if all tries in doubt had the same bytes
	CreatedAt   time.Time       // the first event
	TriedAt     time.Time       // the latest try
	AcceptedAt  time.Time       // when the ledger first knew that the API has it, also while a further attempt is Intended
	UpdatedAt   time.Time
	Source      diag.Place
	Conflict    string    // two cf_refund_ids under one identity
	By          string    // the run that recorded what the API has; empty if nothing is known to be there
	ByPerson    bool      // the phase rests on a person's finding alone, which another finding may replace
	CancelSent  time.Time // of a cancel whose answer is unknown; zero if there is none

	PaidBefore   time.Time // when the ledger last had a Failed refund as paid: it was reversed; zero if it never had
	MissingSince time.Time // when the API was first recorded as no longer listing a refund that is Sent; zero if it lists it
}

// Missing is the How of an outcome that records that the API no longer lists a refund which it accepted. Its
// phase and status are the last known ones. An outcome that shows the refund again ends it.
const Missing = "missing"

// Reversed reports whether the refund was paid and is CANCELLED or FAILED now.
func (e Entry) Reversed() bool { return !e.PaidBefore.IsZero() }

// ResolvesAt is when a refund in doubt, if reads still do not show it, is absent for good (R8).
func (e Entry) ResolvesAt(settleAfter time.Duration) time.Time { return e.TriedAt.Add(settleAfter) }

// MustBeListed reports whether a refund was accepted so long ago that a read which does not show it is
// wrong: lists may lag behind by settleAfter at most.
func (e Entry) MustBeListed(now time.Time, settleAfter time.Duration) bool {
	return !now.Before(e.AcceptedAt.Add(settleAfter))
}

// Terms are what the ledger knows of the refund. Of an adopted refund it knows the splits only if the
// API reported some.
func (e Entry) Terms() refund.Terms {
	return refund.Terms{Kind: e.ID.Kind, ParentID: e.ID.ID, PaymentID: e.PaymentID, Amount: e.Amount, Splits: e.Splits,
		KnowsSplits: e.Attempt > 0 || len(e.Splits) > 0}
}
