package view

import (
	"fmt"
	"io"

	"refundctl/apply"
	"refundctl/internal/refund"
)

// CancelPlan prints the refund as just read, and the request that would cancel it.
func CancelPlan(w io.Writer, c *apply.Cancellation, s Style) error {
	out := newPrinter(w, s)
	out.line("%s", out.paint(bold, "cancel refund "+Escape(c.Entry.ID.RefundID)))
	out.fields([]field{
		{string(c.Entry.ID.Kind), c.Entry.ID.ID}, {"account", accountOf(c.Entry.AccountName, c.Entry.Environment)}, {"amount", c.Live.Amount.Human()},
		{"status", liveOutcome(c.Live.Status)}, {"cf_refund_id", c.Live.CfRefundID}, {"request", c.Request.Method + " " + c.Request.Path},
		{"body", string(c.Request.Body)},
	})
	if sent := c.Entry.CancelSent; !sent.IsZero() {
		out.fields([]field{{"before", "a cancel was sent " + Time(sent) + ", and its answer is not known"}})
	}
	return out.Flush()
}

// CancelEnd prints the result of a cancel.
func CancelEnd(w io.Writer, c *apply.Cancellation, end apply.Cancelled, s Style) error {
	out := newPrinter(w, s)
	id, amount := Escape(c.Entry.ID.RefundID), Escape(c.Live.Amount.Human())
	of := fmt.Sprintf("%s (%s %s) %s", id, Escape(string(c.Entry.ID.Kind)), Escape(c.Entry.ID.ID), amount)
	why := because(Escape(end.Code), Escape(end.Text)) + Escape(refund.Quoted(end.RequestID))
	switch end.Kind {
	case apply.CancelDone:
		out.hang(out.paint(green, "cancelled")+" ", 2, of+". "+out.commands("If the money is still owed: refundctl reissue "+id+"."))
	case apply.CancelRefused:
		out.failure(fmt.Sprintf("refund %s was not cancelled; it is %s now%s", id, liveOutcome(end.Live.Status), why), "refundctl explain "+id+" prints more")
	case apply.CancelNotSent:
		hint := "run the command again"
		if refund.AddressRefused(end.HTTP, end.Code, end.Text) {
			hint = AllowAddress
		}
		out.failure(fmt.Sprintf("refund %s was not cancelled: the request was not carried out%s", id, why), hint)
	default:
		out.failure(fmt.Sprintf("refund %s: it is not known yet whether it is cancelled%s. The last read showed it %s", id, why, liveOutcome(end.Live.Status)),
			"refundctl status reads it again; cancelling again cannot pay anything twice")
	}
	return out.Flush()
}

// CancelJSON prints {"format_version","result","refund_id",…}; result is cancelled, refused, in_doubt or
// not_sent, and status what was read last.
func CancelJSON(w io.Writer, c *apply.Cancellation, end apply.Cancelled) error {
	return writeJSON(w, struct {
		FormatVersion string          `json:"format_version"`
		Result        apply.CancelEnd `json:"result"`
		Account       string          `json:"account"`
		Kind          refund.Kind     `json:"kind"`
		ParentID      string          `json:"parent_id"`
		RefundID      string          `json:"refund_id"`
		moneyJSON
		Status  refund.Status `json:"status"`
		Class   apply.Class   `json:"class"`
		HTTP    int           `json:"http"`
		Code    string        `json:"code"`
		Message string        `json:"message"`

		RequestID string `json:"request_id,omitempty"`
	}{FormatVersion, end.Kind, c.Entry.AccountName, c.Entry.ID.Kind, c.Entry.ID.ID, c.Entry.ID.RefundID, moneyOf(c.Live.Amount),
		end.Live.Status, end.Class, end.HTTP, end.Code, end.Text, end.RequestID})
}
