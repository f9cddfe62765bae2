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

// failure takes text that is escaped already.
func (p *printer) failure(message, hint string) {
	p.line("%s %s", p.paint(red, "error:"), message)
	if hint != "" {
		p.line("%s %s", p.paint(cyan, "hint:"), hint)
	}
}

// FailureJSON tells a machine: {"error":{…}} on one line.
func FailureJSON(w io.Writer, f Failure) error {
	return writeJSON(w, struct {
		Error Failure `json:"error"`
	}{f})
}
