package view

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// History prints the ledger's events of one refund_id, in the order given: when, who, what was requested
// under which key, and the result.
func History(w io.Writer, records []state.HistoryEvent, s Style) error {
	out := newPrinter(w, s)
	out.history(records)
	return out.Flush()
}

func (p *printer) history(records []state.HistoryEvent) {
	several := severalAccounts(records)
	for _, r := range records {
		head, fields := recordFields(r)
		if name, _ := r.Account(); several {
			fields = append(fields, field{"account", accountOf(name, r.Environment)})
		}
		fields = append(fields, field{"base_url", r.BaseURL()})
		p.hang(Time(r.At)+"  ", 4, p.paint(bold, Escape(head)))
		if !r.Stamped.IsZero() {
			fields = append(fields, field{"stamped", Time(r.Stamped) + ", in the future; accepted"})
		}
		p.fields(append(append(fields, provenance(r.Header)...), field{"run", fmt.Sprintf("%s, event %d", r.Run, r.Seq)}))
	}
	if len(records) == 0 {
		p.line("The ledger has no events for this refund.")
	}
}

// severalAccounts reports whether the events belong to several accounts or environments.
func severalAccounts(records []state.HistoryEvent) bool {
	return slices.ContainsFunc(records, func(r state.HistoryEvent) bool {
		_, mine := r.Account()
		_, first := records[0].Account()
		return mine != first
	})
}

// provenance is who ran what, by whose approval, and from where.
func provenance(h state.Header) []field {
	return []field{
		{"by", strings.Trim(h.Actor+": "+h.Command, ": ")}, {"approved by", people(h.Approvers)},
		{"ci run", h.CIRun}, {"commit", h.Commit}, {"plan", h.PlanDigest}, {"manifests", manifestsField(h)}, {"program", h.Program},
	}
}

// manifestsField says that a run worked without manifests; empty for all others.
func manifestsField(h state.Header) string {
	if h.WithoutManifests {
		return "none: --without-manifests"
	}
	return ""
}

func recordFields(r state.HistoryEvent) (head string, fields []field) {
	switch {
	case r.Intent != nil:
		return intentFields(*r.Intent)
	case r.Outcome != nil:
		return outcomeFields(*r.Outcome)
	case r.Cancel != nil:
		return cancelFields(*r.Cancel)
	}
	return "", nil
}

func cancelFields(a state.Cancel) (head string, fields []field) {
	return fmt.Sprintf("cancel: %s on %s %s, %s before", a.Amount.Human(), a.ID.Kind, a.ID.ID, liveOutcome(a.Status)),
		[]field{{"request", a.Request.Method + " " + a.Request.Path}, {"x-request-id", a.Request.ID}, {"body", string(a.Request.Body)}}
}

func intentFields(in state.Intent) (head string, fields []field) {
	head = fmt.Sprintf("intent: %s on %s %s, attempt %d, try %d", in.Amount.Human(), in.ID.Kind, in.ID.ID, in.Attempt, in.Try)
	return head, append([]field{
		{"key", in.Key}, {"request", in.Request.Method + " " + in.Request.Path}, {"x-request-id", in.Request.ID}, {"body", string(in.Request.Body)}, {"manifest", where(in.Source)}, {"labels", labels(in.Labels)},
	}, proofFields(in.Proof)...)
}

// labels are name=value, as in --target, sorted by name.
func labels(of map[string]string) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		texts = append(texts, name+"="+of[name])
	}
	return strings.Join(texts, ", ")
}

func outcomeFields(o state.Outcome) (head string, fields []field) {
	head = strings.TrimRight(fmt.Sprintf("%s: %s", o.How, outcomeText(o)), " ")
	if o.Attempt > 0 {
		head += fmt.Sprintf(", attempt %d", o.Attempt)
	}
	answer := o.Class
	if o.HTTP > 0 {
		answer += fmt.Sprintf(" (HTTP %d)", o.HTTP)
	}
	if o.Replayed {
		answer += ", replayed"
	}
	return head, append([]field{
		{"answer", answer}, {"x-request-id", o.RequestID}, {"code", o.Code}, {"message", o.Message}, {"cf_refund_id", o.CfRefundID}, {"refund_arn", o.ARN},
	}, append(details(o.Details), proofFields(o.Proof)...)...)
}

// outcomeText is the state in which an event leaves a refund.
func outcomeText(o state.Outcome) string {
	switch {
	case o.Phase == state.Intended:
		return "outcome unknown"
	case o.How == state.Missing:
		return "no longer listed by the API, " + outcome(o.Phase, o.Status) + " before"
	}
	return outcome(o.Phase, o.Status)
}

func proofFields(p *state.Proof) []field {
	if p == nil {
		return nil
	}
	text := cmp.Or(proofs[p.SettledBy], p.SettledBy)
	for _, t := range []time.Time{p.FirstRead, p.SecondRead} {
		if !t.IsZero() {
			text += ", read " + Time(t)
		}
	}
	if p.Read != "" {
		text += " as " + p.Read
	}
	if p.AgainstAPI {
		text += ", against the API"
	}
	if p.Reason != "" {
		text += ": " + p.Reason
	}
	return []field{{"proof", text}}
}

// provenanceJSON is who ran what, by whose approval, and from where.
type provenanceJSON struct {
	Actor      string   `json:"actor"`
	Command    string   `json:"command"`
	Approvers  []string `json:"approvers,omitempty"`
	CIRun      string   `json:"ci_run,omitempty"`
	Commit     string   `json:"commit,omitempty"`
	PlanDigest string   `json:"plan_digest,omitempty"`
	Program    string   `json:"program,omitempty"`

	WithoutManifests bool `json:"without_manifests,omitempty"`
}

func provenanceOf(h state.Header) provenanceJSON {
	return provenanceJSON{h.Actor, h.Command, h.Approvers, h.CIRun, h.Commit, h.PlanDigest, h.Program, h.WithoutManifests}
}

// proofs are the ledger's codes for a proof, in words.
var proofs = map[string]string{
	"two_reads": "not at the API in two reads", "settle_after": "not at the API in two reads, settle_after after the last try", "person": "a person's finding",
}

// recordJSON is an event of the ledger for machines. event is "intent", "outcome" or "cancel".
type recordJSON struct {
	Run string    `json:"run"`
	Seq int       `json:"seq"`
	At  time.Time `json:"at"`
	provenanceJSON
	Event       string `json:"event"`
	Account     string `json:"account"`
	Environment string `json:"environment,omitempty"`
	BaseURL     string `json:"base_url,omitempty"`
	refundJSON
	Attempt        int               `json:"attempt"`
	Splits         []plan.SplitJSON  `json:"refund_splits,omitempty"`
	Proof          *state.Proof      `json:"proof,omitempty"`
	IdempotencyKey string            `json:"idempotency_key,omitempty"`
	Try            int               `json:"try,omitempty"`
	Request        *plan.RequestJSON `json:"request,omitempty"`
	Source         *diag.Place       `json:"source,omitempty"`
	Labels         map[string]string `json:"labels,omitempty"`
	Phase          state.Phase       `json:"phase,omitempty"`
	Status         refund.Status     `json:"status,omitempty"`
	CfRefundID     string            `json:"cf_refund_id,omitempty"`
	ARN            string            `json:"refund_arn,omitempty"`
	How            string            `json:"how,omitempty"`
	Class          string            `json:"class,omitempty"`
	HTTP           int               `json:"http,omitempty"`
	Replayed       bool              `json:"replayed,omitempty"`
	RequestID      string            `json:"request_id,omitempty"`
	Code           string            `json:"code,omitempty"`
	Message        string            `json:"message,omitempty"`
	StampedAt      *time.Time        `json:"stamped_at,omitempty"`
	CreatedAt      *time.Time        `json:"created_at,omitempty"`
	ProcessedAt    *time.Time        `json:"processed_at,omitempty"`
	*plan.DetailsJSON
}

// HistoryJSON prints {"format_version","events":[…]}.
func HistoryJSON(w io.Writer, records []state.HistoryEvent) error {
	return writeJSON(w, struct {
		FormatVersion string       `json:"format_version"`
		Events        []recordJSON `json:"events"`
	}{FormatVersion, recordsOf(records)})
}

func recordsOf(records []state.HistoryEvent) []recordJSON {
	events := make([]recordJSON, 0, len(records))
	for _, r := range records {
		e := recordJSON{Run: r.Run, Seq: r.Seq, At: r.At, StampedAt: moment(r.Stamped), provenanceJSON: provenanceOf(r.Header), Environment: r.Environment, BaseURL: r.BaseURL()}
		switch {
		case r.Intent != nil:
			e.intent(*r.Intent)
		case r.Outcome != nil:
			e.outcome(*r.Outcome)
		case r.Cancel != nil:
			e.cancel(*r.Cancel)
		}
		events = append(events, e)
	}
	return events
}

func (e *recordJSON) intent(in state.Intent) {
	e.Event, e.Account, e.refundJSON = "intent", in.AccountName, refundOf(in.ID, in.PaymentID, in.Amount)
	e.Attempt, e.Splits, e.Proof = in.Attempt, plan.SplitsOf(in.Splits), in.Proof
	e.IdempotencyKey, e.Try, e.Request, e.Source, e.Labels = in.Key, in.Try, plan.RequestOf(&in.Request), placeOf(in.Source), in.Labels
	e.RequestID = in.Request.ID
}

func (e *recordJSON) outcome(o state.Outcome) {
	e.Event, e.Account, e.refundJSON = "outcome", o.AccountName, refundOf(o.ID, o.PaymentID, o.Amount)
	e.Attempt, e.Splits, e.Proof = o.Attempt, plan.SplitsOf(o.Splits), o.Proof
	e.Phase, e.Status, e.CfRefundID, e.ARN, e.How, e.Class = o.Phase, o.Status, o.CfRefundID, o.ARN, o.How, o.Class
	e.HTTP, e.Replayed, e.RequestID, e.Code, e.Message = o.HTTP, o.Replayed, o.RequestID, o.Code, o.Message
	e.DetailsJSON = plan.DetailsOf(o.Details)
	e.CreatedAt, e.ProcessedAt = moment(o.CreatedAt), moment(o.ProcessedAt)
}

func (e *recordJSON) cancel(a state.Cancel) {
	e.Event, e.Account, e.refundJSON = "cancel", a.AccountName, refundOf(a.ID, "", a.Amount)
	e.Status, e.Request, e.RequestID = a.Status, plan.RequestOf(&a.Request), a.Request.ID
}

// people are names in one text. A name with a comma is in quotes, so that the names can be counted.
func people(names []string) string {
	var all []string
	for _, name := range names {
		if strings.Contains(name, ",") {
			name = `"` + name + `"`
		}
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}
