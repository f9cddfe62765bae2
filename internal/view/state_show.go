package view

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// StateShow prints everything that the ledger knows about each refund, and from its events the reason:
// labels, and the run that sent it.
func StateShow(w io.Writer, entries []state.Entry, records []state.HistoryEvent, s Style) error {
	out := newPrinter(w, s)
	for i, e := range entries {
		if i > 0 {
			out.line("")
		}
		out.line("%s", out.paint(bold, "refund "+Escape(e.ID.RefundID)))
		fields := fieldsOf(e)
		if r, known := origin(e, records); known {
			if r.Intent != nil {
				fields = append(fields, field{"labels", labels(r.Intent.Labels)})
			}
			fields = append(fields, provenance(r.Header)...)
		}
		out.fields(fields)
		out.apiSays(e.Details)
	}
	return out.Flush()
}

// origin is the event that explains a refund: its newest intent, or the first event if it was only found.
func origin(e state.Entry, records []state.HistoryEvent) (found state.HistoryEvent, known bool) {
	for _, r := range records {
		switch {
		case r.Intent != nil && r.Intent.ID == e.ID:
			found, known = r, true
		case r.Outcome != nil && r.Outcome.ID == e.ID && !known:
			found, known = r, true
		}
	}
	return found, known
}

// field is a name and a foreign text, which is empty if nothing is known.
type field struct{ name, text string }

func fieldsOf(e state.Entry) []field {
	fields := []field{
		{string(e.ID.Kind), e.ID.ID}, {"payment_id", paymentOf(e.ID, e.PaymentID)}, {"account", e.AccountName}, {"environment", e.Environment}, {"base_url", e.BaseURL},
		{"amount", e.Amount.Human()}, {"status", entryOutcome(e)}, {"refund_status", string(e.Status)}, {"conflict", e.Conflict},
		{"cf_refund_id", e.CfRefundID}, {"refund_arn", e.ARN}, {"attempt", number(e.Attempt)}, {"tries", number(e.Try)}, {"key", e.Key},
		{"last answer", e.LastClass}, {"code", e.Code}, {"message", e.Message}, {"x-request-id", e.RequestID}, {"manifest", where(e.Source)},
	}
	for _, split := range e.Splits {
		fields = append(fields, field{"split", split.VendorID + " " + split.Amount.Human()})
	}
	for _, t := range []struct {
		name string
		at   time.Time
	}{{"first known", e.CreatedAt}, {"last try", e.TriedAt}, {"accepted", e.AcceptedAt}, {"was paid", e.PaidBefore}, {"missing since", e.MissingSince}, {"cancel sent", e.CancelSent}, {"last event", e.UpdatedAt}} {
		if !t.at.IsZero() {
			fields = append(fields, field{t.name, Time(t.at)})
		}
	}
	if e.Request != nil {
		fields = append(fields, field{"request", e.Request.Method + " " + e.Request.Path}, field{"body", string(e.Request.Body)})
	}
	return fields
}

// paymentOf is the payment, unless it is the parent.
func paymentOf(id refund.Identity, payment string) string {
	if payment == id.ID {
		return ""
	}
	return payment
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (p *printer) fields(fields []field) {
	p.fieldsWith(func(text string) string { return text }, fields)
}

// advices prints fields with commands in their texts.
func (p *printer) advices(fields []field) { p.fieldsWith(p.commands, fields) }

func (p *printer) fieldsWith(commands func(string) string, fields []field) {
	t := fieldTable(len("cf_refund_id"))
	for _, f := range fields {
		switch {
		case f.text == "":
		case f.name == "body": // in one piece: it is what was sent, byte for byte
			p.line("  %s  %s", pad(f.name, len("cf_refund_id")), Escape(f.text))
		default:
			p.row(&t, cell{text: Escape(f.name)}, cell{text: commands(Escape(f.text))})
		}
	}
}

// fieldTable lines up fields behind names of this width. A longer name sticks out.
func fieldTable(width int) table {
	return table{indent: 2, deeper: 2 + width + len(gap), columns: []column{{least: width}, {hang: true}}}
}

type shownJSON struct {
	entryJSON
	Fingerprint string            `json:"fingerprint"`
	Splits      []plan.SplitJSON  `json:"refund_splits"`
	Try         int               `json:"try"`
	Class       string            `json:"class"`
	Code        string            `json:"code"`
	Message     string            `json:"message"`
	RequestID   string            `json:"request_id,omitempty"`
	Conflict    string            `json:"conflict"`
	Request     *plan.RequestJSON `json:"request"`
	BodySHA256  string            `json:"body_sha256"`
	TriedAt     *time.Time        `json:"tried_at"`
	AcceptedAt  *time.Time        `json:"accepted_at"`
	CancelSent  *time.Time        `json:"cancel_sent_at,omitempty"`
	Source      *diag.Place       `json:"source"`

	Labels map[string]string `json:"labels"`
	Origin *provenanceJSON   `json:"origin"` // the run that sent it, or found it

	*plan.DetailsJSON
}

// StateShowJSON prints {"format_version","refunds":[…]}, each with the fields of the list and more. request
// has the exact bytes that may have been sent, while that is in doubt.
func StateShowJSON(w io.Writer, entries []state.Entry, records []state.HistoryEvent) error {
	refunds := make([]shownJSON, 0, len(entries))
	for _, e := range entries {
		shown := shownOf(e)
		if r, known := origin(e, records); known {
			shown.Origin = new(provenanceOf(r.Header))
			if r.Intent != nil {
				shown.Labels = r.Intent.Labels
			}
		}
		refunds = append(refunds, shown)
	}
	return writeJSON(w, struct {
		FormatVersion string      `json:"format_version"`
		Refunds       []shownJSON `json:"refunds"`
	}{FormatVersion, refunds})
}

func shownOf(e state.Entry) shownJSON {
	out := shownJSON{
		entryJSON: entryOf(e), Fingerprint: state.FingerprintOf(e.ID.Account), Splits: plan.SplitsOf(e.Splits), Try: e.Try, Class: e.LastClass, Code: e.Code,
		Message: e.Message, RequestID: e.RequestID, DetailsJSON: plan.DetailsOf(e.Details), Conflict: e.Conflict, Request: plan.RequestOf(e.Request), TriedAt: moment(e.TriedAt),
		AcceptedAt: moment(e.AcceptedAt), CancelSent: moment(e.CancelSent), Source: placeOf(e.Source),
	}
	if e.BodyHash != ([32]byte{}) {
		out.BodySHA256 = hex.EncodeToString(e.BodyHash[:])
	}
	return out
}
