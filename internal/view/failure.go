package view

import (
	"io"
	"strings"
	"time"
)

// Failure is how a command ended: its exit code and the code's name. Hint may be empty.
type Failure struct {
	Code    int    `json:"code"`
	Class   string `json:"class"`
	Message string `json:"message"`
	Hint    string `json:"hint"`

	RequestID string `json:"request_id,omitempty"` // x-request-id of the API's answer that ended the command
}

// AllowAddress is what to do if the API does not accept requests from this machine.
const AllowAddress = "the API accepts requests only from IP addresses that are allowed: allow this machine's public address in Cashfree's dashboard, or run refundctl where the address is allowed"

// FailureText prints what went wrong and what to do about it.
func FailureText(w io.Writer, f Failure, s Style) error {
	out := newPrinter(w, s)
	out.failure(Escape(f.Message), Escape(f.Hint))
	return out.Flush()
}

// WarningText prints something that does not end the command.
func WarningText(w io.Writer, message, hint string, s Style) error {
	out := newPrinter(w, s)
	out.hang(out.paint(magenta, "warning:")+" ", 2, Escape(message))
	out.hint(Escape(hint))
	return out.Flush()
}

// Waiting prints why a command waits, and until when.
func Waiting(w io.Writer, why string, until, now time.Time, s Style) error {
	out := newPrinter(w, s)
	out.wrapped(0, "Waiting until "+clockSecond(until, now)+": "+Escape(why))
	return out.Flush()
}

// Question prints a question, with room for the answer after it.
func Question(w io.Writer, text string, s Style) error {
	var b strings.Builder
	out := newPrinter(&b, s)
	out.wrapped(0, text)
	_ = out.Flush() // a Builder never fails
	_, err := io.WriteString(w, "\n"+strings.TrimSuffix(b.String(), "\n")+" ")
	return err
}

// failure prints text that is already escaped.
func (p *printer) failure(message, hint string) {
	p.hang(p.paint(red, "error:")+" ", 2, message)
	if hint != "" {
		p.hint(hint)
	}
}

func (p *printer) hint(text string) { p.hang(p.paint(bold, "hint:")+" ", 2, p.commands(text)) }

// FailureJSON prints {"error":{…}} on one line.
func FailureJSON(w io.Writer, f Failure) error {
	return writeJSON(w, struct {
		Error Failure `json:"error"`
	}{f})
}
