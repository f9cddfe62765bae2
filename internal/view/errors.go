package view

import (
	"io"
	"strings"
	"time"
)

// Failure is how a command ended: Code is the exit code and Class its name. Hint may be empty.
type Failure struct {
	Code    int    `json:"code"`
	Class   string `json:"class"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// FailureText tells a person: what went wrong, and what to do about it.
func FailureText(w io.Writer, f Failure, s Style) error {
	out := newPrinter(w, s)
	out.failure(Escape(f.Message), Escape(f.Hint))
	return out.Flush()
}

// WarningText tells a person of something that does not end the command.
func WarningText(w io.Writer, message, hint string, s Style) error {
	out := newPrinter(w, s)
	out.hung(out.paint(magenta, "warning:")+" ", 2, Escape(message))
	out.hint(Escape(hint))
	return out.Flush()
}

// Waiting tells a person why a command waits, and until when.
func Waiting(w io.Writer, why string, until, now time.Time, s Style) error {
	out := newPrinter(w, s)
	out.wrapped(0, "Waiting until "+exactly(until, now)+": "+Escape(why))
	return out.Flush()
}

// Question puts a question, with the place for the answer behind it.
func Question(w io.Writer, text string, s Style) error {
	var b strings.Builder
	out := newPrinter(&b, s)
	out.wrapped(0, text)
	_ = out.Flush() // a Builder takes everything
	_, err := io.WriteString(w, "\n"+strings.TrimSuffix(b.String(), "\n")+" ")
	return err
}

// failure takes text that is escaped already.
func (p *printer) failure(message, hint string) {
	p.hung(p.paint(red, "error:")+" ", 2, message)
	if hint != "" {
		p.hint(hint)
	}
}

func (p *printer) hint(text string) { p.hung(p.paint(bold, "hint:")+" ", 2, text) }

// FailureJSON tells a machine: {"error":{…}} on one line.
func FailureJSON(w io.Writer, f Failure) error {
	return writeJSON(w, struct {
		Error Failure `json:"error"`
	}{f})
}
