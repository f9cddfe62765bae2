package view

import (
	"io"
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
	out.hung(out.paint(yellow, "warning:")+" ", 2, Escape(message))
	out.hung(out.paint(cyan, "hint:")+" ", 2, Escape(hint))
	return out.Flush()
}

// failure takes text that is escaped already.
func (p *printer) failure(message, hint string) {
	p.hung(p.paint(red, "error:")+" ", 2, message)
	if hint != "" {
		p.hung(p.paint(cyan, "hint:")+" ", 2, hint)
	}
}

// FailureJSON tells a machine: {"error":{…}} on one line.
func FailureJSON(w io.Writer, f Failure) error {
	return writeJSON(w, struct {
		Error Failure `json:"error"`
	}{f})
}
