// Package apply moves the money. It reads back the refunds that are in doubt, sends each refund that a
// plan says is missing, once, and records every answer before it goes on.
//
// A run has two steps: Run.Prepare reads and plans, Run.Perform sends. Between them a person may look at
// the plan. The rules that keep money from moving twice are R1 to R23 in docs/explanation/rules.md;
// comments name the rule that a piece of code keeps.
//
// The package knows no HTTP and prints nothing. It sends through an Issuer, reads through a
// plan.Reader, writes through a Ledger and reports to an Observer. The command line calls it.
package apply

import (
	"context"
	"errors"
	"maps"
	"time"

	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Issuer sends the refunds of one account.
type Issuer interface {
	// Turn waits until the rate limit allows one more create. It fails only with the context's error.
	Turn(ctx context.Context) error
	// Create makes exactly one try: one request, which no lower layer repeats.
	Create(ctx context.Context, r refund.Request, key string) refund.Answer
}

// Ledger makes intents and outcomes durable. A method returns once its event is on disk. After an
// error nothing more may be sent.
type Ledger interface {
	Begin(ctx context.Context, in state.Intent) error
	Finish(ctx context.Context, o state.Outcome) error
	End(ctx context.Context, e state.End) error
}

// Gateway is one account's way to the API.
type Gateway struct {
	Reader plan.Reader
	Issuer Issuer
}

// Recovery says how long an outcome may stay unknown (R8).
type Recovery struct {
	ReadDelay   time.Duration // between the two reads that prove a refund absent now
	SettleAfter time.Duration // from the last try on until a read proves the refund absent for good
	MaxAttempts int           // tries of one refund in one run, not counting replayed answers
}

// Run is one run of apply: what it works with. State is the ledger's live fold; it contains each event
// as soon as Ledger has made it durable.
type Run struct {
	Ledger        Ledger
	State         *state.State
	Gateways      map[string]Gateway // by fingerprint
	Recovery      Recovery
	Parallelism   int
	Whole         bool // refunds in doubt count in every account of the ledger
	StopOnRefusal bool // --on-error stop: the first refusal ends the run
	Clock         func() time.Time
	Observer      Observer
	Progress      plan.Progress // of the reads of Recover
	RequestID     func() string // a new x-request-id for each try; nil means random
}

// The reasons why a run stops early. After a signal the reason is the cause of its context.
var (
	ErrCredentials   = errors.New("the API refused the credentials")
	ErrAddress       = errors.New("the API does not accept requests from this machine's IP address")
	ErrMismatch      = errors.New("the API answered about a different refund or amount")
	ErrRedirected    = errors.New("the API answered with a redirect")
	ErrConflict      = errors.New("a different refund exists under a refund_id of this run")
	ErrUnknownStreak = errors.New("five refunds in a row had no known outcome")
	ErrRefusal       = errors.New("a refund was refused")
)

// newRequestID calls the source of x-request-ids.
func newRequestID(source func() string) string {
	if source == nil {
		return refund.NewRequestID()
	}
	return source()
}

// Prepared is the plan that a run is about to carry out. It was made after the doubts of earlier runs were read
// back.
type Prepared struct {
	Plan      *plan.Plan
	Recovered Recovered
}

// Prepare reads back the refunds that earlier runs left in doubt, then plans. It sets in.State and
// in.Proven, the refunds that the run proved absent. It sends nothing. Its errors are those of the ledger
// and of plan.Make.
func (r *Run) Prepare(ctx context.Context, in plan.Input) (Prepared, error) {
	recovered, err := r.Recover(ctx, in.Asks)
	if err != nil {
		return Prepared{}, err
	}
	in.State, in.Proven = r.State, map[refund.Identity]bool{}
	for id := range maps.Keys(recovered.Proofs) {
		in.Proven[id] = true
	}
	p, err := plan.Make(ctx, in)
	return Prepared{p, recovered}, err
}

// Perform records what the plan saw, sends its creates and closes the run in the ledger. A run that stopped
// early stays open, since another run may resume it with the same plan file. Once ctx is done nothing new
// starts; Perform still waits for the answers to requests in flight and records them. Its error is the
// ledger's; the result then contains what was done before.
func (r *Run) Perform(ctx context.Context, p Prepared) (Result, error) {
	recorded, err := r.Record(context.WithoutCancel(ctx), p.Plan)
	if err != nil {
		return r.Unsent(p.Plan), err
	}
	result, err := r.execute(ctx, p)
	result.Recorded, result.Unknown, result.NotInFile = recorded, p.Plan.Unknown, p.Plan.NotInFile
	if err != nil || result.Stopped != nil {
		return result, err
	}
	return result, r.Ledger.End(ctx, state.End{Sent: result.Sent.Count, Refused: result.Refused.Count,
		InDoubt: result.InDoubt.Count, NotSent: result.NotSent.Count})
}
