package cli

import (
	"encoding/json"
	"fmt"
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
	if !a.jsonLines {
		return view.Notices(a.Err, all, a.errStyle())
	}
	var text strings.Builder
	if err := view.Notices(&text, all, view.Style{Width: unbroken}); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if err := a.note("%s", strings.TrimPrefix(strings.TrimSpace(line), "notice: ")); err != nil {
			return err
		}
	}
	return nil
}

// note prints a sentence.
func (a *app) note(format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if !a.jsonLines {
		_, err := fmt.Fprintln(a.Err, text)
		return err
	}
	return a.remark("notice", struct {
		Message string `json:"message"`
	}{text})
}

func (a *app) remark(kind string, of any) error {
	line, err := json.Marshal(map[string]any{kind: of})
	if err == nil {
		_, err = fmt.Fprintf(a.Err, "%s\n", plan.EscapeJSON(line))
	}
	return err
}
