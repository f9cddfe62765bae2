package view

import (
	"fmt"
	"io"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// NewRow is a row that a command added to a manifest. Next is the command to run next.
type NewRow struct {
	Refund refund.Spec
	Next   string
}

// NewRowText prints where the row is and what it asks for.
func NewRowText(w io.Writer, a NewRow, s Style) error {
	out, r := newPrinter(w, s), a.Refund
	text := fmt.Sprintf("%s:%d: %s %s of %s for %s %s", Escape(r.Source.File), r.Source.Line, out.paint(green, "added"), Escape(r.RefundID),
		r.Amount.Human(), Escape(string(r.Kind)), Escape(r.ParentID))
	if r.Supersedes != "" {
		text += ", in place of " + Escape(r.Supersedes)
	}
	out.wrapped(0, text)
	if r.Hold {
		out.wrapped(0, "It is held: apply does not send it until hold is removed.")
	}
	out.wrapped(0, "Next: "+a.Next)
	return out.Flush()
}

// NewRowJSON prints the same as JSON.
func NewRowJSON(w io.Writer, a NewRow) error {
	r := a.Refund
	if r.Labels == nil {
		r.Labels = map[string]string{}
	}
	return writeJSON(w, struct {
		FormatVersion string `json:"format_version"`
		Account       string `json:"account"`
		refundJSON
		Note       string            `json:"refund_note"`
		Speed      string            `json:"refund_speed"`
		Labels     map[string]string `json:"labels"`
		Hold       bool              `json:"hold"`
		Supersedes string            `json:"supersedes"`
		Source     diag.Place        `json:"source"`
		Next       string            `json:"next"`
	}{FormatVersion, r.Account, refundOf(r.Identity(""), r.PaymentID, r.Amount),
		r.Note, r.Speed, r.Labels, r.Hold, r.Supersedes, r.Source, Unglued(a.Next)})
}
