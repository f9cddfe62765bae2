package view

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/edit"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
	"refundctl/plan"
)

// ImportedFile says where an import put its rows.
type ImportedFile struct {
	File    string // relative to the project folder
	Account string
	Written bool // false: nothing was added, or this was a dry run
}

// SheetImport is the result of importing a sheet.
type SheetImport struct {
	ImportedFile
	edit.SheetResult
	Sheet string
	Batch string // empty for none
}

// SheetProblems prints what to fix, one place of the sheet at a time. Warnings that many rows share are
// printed once. It prints nothing for none.
func SheetProblems(w io.Writer, i SheetImport, s Style) error {
	const many = 4
	out := newPrinter(w, s)
	errs, more, shared := 0, i.More, map[string]bool{}
	for _, p := range i.Problems {
		switch {
		case p.IsError():
			errs++
			out.sheetProblem(i.Sheet, p.Place(), p, p.Message)
		case i.Warned[p.Code] < many:
			out.sheetProblem(i.Sheet, p.Place(), p, p.Message)
		case !shared[p.Code]:
			shared[p.Code] = true
			place, kept := i.places(p.Code)
			more -= i.Warned[p.Code] - kept
			out.sheetProblem(i.Sheet, place, p, p.Message+", and so on")
		}
	}
	if more > 0 {
		out.line("and %d more", more)
	}
	if len(i.Problems) > 0 {
		out.line("%s", found(errs, len(i.Problems)-errs+i.More-more))
	}
	return out.Flush()
}

// places are the first rows with a warning of this code. kept is how many of those warnings were kept.
func (i SheetImport) places(code string) (text string, kept int) {
	const few = 5
	var rows []string
	for _, p := range i.Problems {
		if p.IsError() || p.Code != code {
			continue
		}
		kept++
		if p.Row > 0 && len(rows) < few {
			rows = append(rows, strconv.Itoa(p.Row))
		}
	}
	if len(rows) == 0 {
		return fmt.Sprintf("the sheet, %d times", i.Warned[code]), kept
	}
	text = "rows " + strings.Join(rows, ", ")
	if rest := i.Warned[code] - len(rows); rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text, kept
}

func (p *printer) sheetProblem(sheetName, place string, of sheet.Problem, message string) {
	word, hue := string(diag.Warning), magenta
	if of.IsError() {
		word, hue = string(diag.Error), red
	}
	p.hang("", 4, fmt.Sprintf("%s: %s: %s %s [%s]", Escape(sheetName), Escape(place), p.paint(hue, word+":"), Escape(message), of.Code))
	if of.Hint != "" {
		p.hang("  "+p.paint(bold, "hint:")+" ", 4, p.commands(Escape(of.Hint)))
	}
}

// SheetImported prints the result of importing a sheet, and what to do next.
func SheetImported(w io.Writer, i SheetImport, s Style) error {
	out := newPrinter(w, s)
	rows := []tallyRow{{"added", i.Added}, {"unchanged", i.Unchanged}}
	if i.Refused > 0 {
		rows = append(rows, tallyRow{"left out", plan.Tally{Count: i.Refused}})
	}
	if i.Vanished.Count > 0 {
		rows = append(rows, tallyRow{"not in the sheet", i.Vanished})
	}
	out.tallies(rows)
	if len(i.Ignored) > 0 {
		out.wrapped(0, `Ignored columns: "`+Escape(strings.Join(i.Ignored, `", "`))+`".`)
		out.hint("--map FIELD=COLUMN reads a column as a field such as refund_note; --label COLUMN keeps one as a label")
	}
	out.next(i.ImportedFile, i.Added.Count)
	return out.Flush()
}

// next prints where the rows are and what to do with them.
func (p *printer) next(f ImportedFile, added int) {
	switch {
	case added == 0:
		p.line("Nothing to add.")
	case !f.Written:
		p.line("Nothing was written: this would go to %s.", Escape(f.File))
	default:
		p.line("Written to %s.", Escape(f.File))
		p.advice(0, "Next: refundctl plan")
	}
}

type problemJSON struct {
	Severity diag.Severity `json:"severity"`
	Code     string        `json:"code"`
	Row      int           `json:"row"`
	Column   string        `json:"column"`
	Name     string        `json:"name"`
	Field    string        `json:"field"`
	Message  string        `json:"message"`
	Hint     string        `json:"hint"`
}

// SheetImportedJSON prints the same with the problems; valid is false if one of them prevented the import.
func SheetImportedJSON(w io.Writer, i SheetImport, valid bool) error {
	problems := make([]problemJSON, 0, len(i.Problems))
	for _, p := range i.Problems {
		severity := diag.Warning
		if p.IsError() {
			severity = diag.Error
		}
		problems = append(problems, problemJSON{severity, p.Code, p.Row, sheet.Letter(p.Column), p.Name, p.Field, p.Message, p.Hint})
	}
	return writeJSON(w, struct {
		FormatVersion string         `json:"format_version"`
		Valid         bool           `json:"valid"`
		Sheet         string         `json:"sheet"`
		Batch         string         `json:"batch"`
		Account       string         `json:"account"`
		File          string         `json:"file"`
		Written       bool           `json:"written"`
		Rows          int            `json:"rows"`
		Added         plan.TallyJSON `json:"added"`
		Unchanged     plan.TallyJSON `json:"unchanged"`
		LeftOut       int            `json:"left_out"`
		Vanished      plan.TallyJSON `json:"vanished"`
		Ignored       []string       `json:"ignored_columns"`
		Problems      []problemJSON  `json:"problems"`
		More          int            `json:"more_problems"`
	}{FormatVersion, valid, i.Sheet, i.Batch, i.Account, i.File, i.Written, i.Rows, plan.TallyOf(i.Added), plan.TallyOf(i.Unchanged), i.Refused,
		plan.TallyOf(i.Vanished), append([]string{}, i.Ignored...), problems, i.More})
}

// LiveImport is the result of importing the live refunds of some orders.
type LiveImport struct {
	ImportedFile
	edit.LiveResult
}

// LiveImported prints what was adopted, and what was not and why.
func LiveImported(w io.Writer, i LiveImport, s Style) error {
	out := newPrinter(w, s)
	for _, l := range i.LeftOut {
		about := "order " + l.OrderID
		if r := l.Refund; r != nil {
			about = fmt.Sprintf("refund %s (order %s) %s %s", liveID(*r), l.OrderID, r.Amount.Human(), r.Status)
		}
		out.line("%s %s: %s", out.paint(magenta, "left out"), Escape(about), Escape(l.Reason))
	}
	out.tallies([]tallyRow{{"added", i.Added}, {"in manifests", i.InManifests}})
	out.next(i.ImportedFile, i.Added.Count)
	return out.Flush()
}

// liveID names a live refund, which may have no id.
func liveID(r refund.Live) string { return cmp.Or(r.RefundID, "without an id") }

// LiveImportedJSON prints the same as JSON.
func LiveImportedJSON(w io.Writer, i LiveImport) error {
	type leftOutJSON struct {
		OrderID  string `json:"order_id"`
		RefundID string `json:"refund_id"`
		Status   string `json:"status"`
		Code     string `json:"code"`
		Message  string `json:"message"`
	}
	left := make([]leftOutJSON, 0, len(i.LeftOut))
	for _, l := range i.LeftOut {
		one := leftOutJSON{OrderID: l.OrderID, Code: l.Code, Message: l.Reason}
		if r := l.Refund; r != nil {
			one.RefundID, one.Status = liveID(*r), string(r.Status)
		}
		left = append(left, one)
	}
	return writeJSON(w, struct {
		FormatVersion string         `json:"format_version"`
		Account       string         `json:"account"`
		File          string         `json:"file"`
		Written       bool           `json:"written"`
		Orders        int            `json:"orders"`
		Added         plan.TallyJSON `json:"added"`
		InManifests   plan.TallyJSON `json:"in_manifests"`
		LeftOut       []leftOutJSON  `json:"left_out"`
	}{FormatVersion, i.Account, i.File, i.Written, i.Orders, plan.TallyOf(i.Added), plan.TallyOf(i.InManifests), left})
}
