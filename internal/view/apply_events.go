package view

import (
	"io"
	"sync"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// eventJSON is an event for machines. It leaves out what the event does not have.
type eventJSON struct {
	Type           apply.EventKind `json:"type"`
	At             time.Time       `json:"at"`
	Account        string          `json:"account,omitempty"`
	Kind           refund.Kind     `json:"kind,omitempty"`
	ParentID       string          `json:"parent_id,omitempty"`
	RefundID       string          `json:"refund_id,omitempty"`
	Amount         string          `json:"amount,omitempty"`
	Currency       money.Currency  `json:"currency,omitempty"`
	Attempt        int             `json:"attempt,omitempty"`
	Try            int             `json:"try,omitempty"`
	IdempotencyKey string          `json:"idempotency_key,omitempty"`
	Status         refund.Status   `json:"status,omitempty"`
	Was            refund.Status   `json:"was,omitempty"`
	Phase          state.Phase     `json:"phase,omitempty"`
	CfRefundID     string          `json:"cf_refund_id,omitempty"`
	ARN            string          `json:"refund_arn,omitempty"`
	Class          apply.Class     `json:"class,omitempty"`
	Code           string          `json:"code,omitempty"`
	Message        string          `json:"message,omitempty"`
	RequestID      string          `json:"request_id,omitempty"`
	ReadRequestID  string          `json:"read_request_id,omitempty"`
	Since          *time.Time      `json:"since,omitempty"`
	SettlesAt      *time.Time      `json:"settles_at,omitempty"`
}

func eventOf(e apply.Event) eventJSON {
	out := eventJSON{
		Type: e.Kind, At: e.At, Account: e.AccountName, Kind: e.ID.Kind, ParentID: e.ID.ID, RefundID: e.ID.RefundID,
		Currency: e.Amount.Currency, Attempt: e.Attempt, Try: e.Try, IdempotencyKey: e.Key, Status: e.Status,
		Was: e.Was, Phase: e.Phase, CfRefundID: e.CfRefundID, ARN: e.ARN, Class: e.Class, Code: e.Code, Message: e.Message,
		RequestID: e.RequestID, ReadRequestID: e.ReadID, Since: moment(e.Since), SettlesAt: moment(e.ResolvesAt),
	}
	if e.Amount != (money.Amount{}) {
		out.Amount = e.Amount.String()
	}
	return out
}

// Events is the Watch for machines: one JSON object per line.
type Events struct {
	mu  sync.Mutex
	out io.Writer
	err error
}

// WatchJSON reports a run to machines, on w.
func WatchJSON(w io.Writer) *Events { return &Events{out: w} }

// Begin writes nothing: each event names its refund.
func (v *Events) Begin(*plan.Plan) {}

// Observe writes one line.
func (v *Events) Observe(e apply.Event) { v.write(eventOf(e)) }

func (v *Events) write(document any) {
	line, err := encode(document)
	v.mu.Lock()
	defer v.mu.Unlock()
	switch {
	case v.err != nil:
	case err != nil:
		v.err = err
	default:
		_, v.err = v.out.Write(append(line, '\n'))
	}
}

type summaryJSON struct {
	Type           string         `json:"type"`
	FormatVersion  string         `json:"format_version"`
	Sent           plan.TallyJSON `json:"sent"`
	Refused        plan.TallyJSON `json:"refused"`
	InDoubt        plan.TallyJSON `json:"in_doubt"`
	NotSent        plan.TallyJSON `json:"not_sent"`
	AlreadyPresent plan.TallyJSON `json:"already_present"`
	Blocked        plan.TallyJSON `json:"blocked"`
	Held           plan.TallyJSON `json:"held"`
	Failed         plan.TallyJSON `json:"failed"`
	Pending        plan.TallyJSON `json:"pending"`
	Superseded     plan.TallyJSON `json:"superseded"`
	Earlier        plan.TallyJSON `json:"in_doubt_earlier"`
	NotInFile      plan.TallyJSON `json:"not_in_plan_file"`
	NotCompared    bool           `json:"not_compared"`
	Conflicts      int            `json:"conflicts"`
	Dead           int            `json:"dead"`
	Unrecorded     plan.TallyJSON `json:"unrecorded"`
	Unknown        int            `json:"unknown_to_ledger"`
	Stopped        string         `json:"stopped"`
	ExitCode       int            `json:"exit_code"`
}

// End writes the last line: the run's sums, why it stopped early (empty if it did not) and its exit code.
func (v *Events) End(r apply.Result, exitCode int) error {
	of := plan.TallyOf
	s := summaryJSON{
		Type: "summary", FormatVersion: FormatVersion, Sent: of(r.Sent), Refused: of(r.Refused), InDoubt: of(r.AllInDoubt()), NotSent: of(r.NotSent),
		AlreadyPresent: of(r.AlreadyPresent), Blocked: of(r.Blocked), Held: of(r.Held), Failed: of(r.Failed), Pending: of(r.Pending),
		Superseded: of(r.Superseded), Earlier: of(r.Earlier), NotInFile: of(r.NotInFile), NotCompared: r.NotCompared, Conflicts: r.Conflicts, Dead: r.Dead,
		Unrecorded: of(r.Unrecorded), Unknown: r.Unknown, ExitCode: exitCode,
	}
	if r.Stopped != nil {
		s.Stopped = r.Stopped.Error()
	}
	v.write(s)
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}
