package view

import (
	"fmt"
	"io"

	"refundctl/state"
)

// Rebind is a change of the merchant of an account in the ledger. Remembered are the refunds under the old
// binding.
type Rebind struct {
	From, To   state.Binding
	Remembered []state.Entry
	Same       bool // the merchant stays the same, and the refunds still count
}

// Rebinding prints what would change. The beginning of a fingerprint is enough.
func Rebinding(w io.Writer, r Rebind, s Style) error {
	out := newPrinter(w, s)
	out.line("%s", out.paint(bold, fmt.Sprintf("rebind account %s (%s)", Escape(r.To.Account), Escape(r.To.Environment))))
	out.fields([]field{{"from", short(r.From.Fingerprint)}, {"to", short(r.To.Fingerprint)}, {"reason", r.To.Reason}})
	if len(r.Remembered) > 0 {
		out.line("")
		what := "will no longer count"
		if r.Same {
			what = "will still count"
		}
		out.wrapped(0, fmt.Sprintf("%s of the old binding %s:", count(len(r.Remembered), "refund"), what))
		out.outcomes(r.Remembered)
	}
	return out.Flush()
}

func short(fingerprint string) string { return fingerprint[:min(len(fingerprint), 12)] }
