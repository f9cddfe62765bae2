package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// What a command says on stderr beside its result is text. Under --json it is one object a line, like the error
// that may follow.

// diagnostics prints what is wrong or odd in files.
func (a *app) diagnostics(all []diag.Diagnostic) error {
	if !a.jsonLines {
		return view.Diagnostics(a.Err, all, a.errStyle())
	}
	for _, d := range all {
		if err := a.remark("diagnostic", d); err != nil {
			return err
		}
	}
	return nil
}

// warn prints something that does not end the command.
func (a *app) warn(message, hint string) error {
	if !a.jsonLines {
		return view.WarningText(a.Err, message, hint, a.errStyle())
	}
	return a.remark("warning", struct {
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}{message, a.copied(hint)})
}

// notices prints what is unusual about a ledger.
func (a *app) notices(all []state.Notice) error {
	return a.say(func(w io.Writer, s view.Style) error { return view.Notices(w, all, s) })
}

// say prints a text of view. Under --json each of its lines is a notice.
func (a *app) say(text func(io.Writer, view.Style) error) error {
	if !a.jsonLines {
		return text(a.Err, a.errStyle())
	}
	return text(remarks{a.Err, "notice"}, view.Style{Width: unbroken})
}

// note prints a sentence.
func (a *app) note(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if !a.jsonLines {
		_, err := fmt.Fprintln(a.Err, text)
		return err
	}
	return a.remark("notice", message{text})
}

// message is a remark that is only a text.
type message struct {
	Message string `json:"message"`
}

// remarks is a writer whose lines are remarks of a kind.
type remarks struct {
	io.Writer
	kind string
}

// Write takes whole lines.
func (r remarks) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimPrefix(strings.TrimSpace(line), r.kind+": "); line == "" {
			continue
		}
		if err := remark(r.Writer, r.kind, message{line}); err != nil {
			return 0, err
		}
	}
	return len(text), nil
}

func (a *app) remark(kind string, of any) error { return remark(a.Err, kind, of) }

func remark(w io.Writer, kind string, of any) error {
	line, err := json.Marshal(map[string]any{kind: of})
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", plan.EscapeJSON(line))
	}
	return err
}
