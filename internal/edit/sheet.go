package edit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
	"refundctl/schema"
	"refundctl/schema/layout"
)

// SheetResult is the result of importing a sheet. Every row that is not blank is in one of Added, Unchanged and
// Refused.
type SheetResult struct {
	Rows      int
	Added     money.Tally
	Unchanged money.Tally
	Refused   int         // rows that are not refunds
	Vanished  money.Tally // the batch's refunds in manifests that the sheet does not have
	Ignored   []string    // columns
	Problems  []sheet.Problem
	Warned    map[string]int // the number of warnings of each code, kept or not
	More      int            // problems that were not kept
}

// SheetImport is an import of a sheet into a manifest. In memory, it keeps one chunk of rows, the text of the valid
// ones, and the sheet's ids.
type SheetImport struct {
	Result SheetResult

	into     *Import
	batch    string
	merge    *sheet.Merge
	reader   *sheet.Reader
	chunk    []sheet.Row
	problems []sheet.Problem // of the chunk
	errors   int
	fatal    bool
}

// chunkRows is how many rows are validated at a time: enough for all cores, few enough for the memory.
const chunkRows = 2000

// SheetError is a sheet that cannot be read.
type SheetError struct{ Err error }

// Error names the cause.
func (e *SheetError) Error() string { return fmt.Sprintf("reading the sheet: %v", e.Err) }

// Unwrap returns the cause.
func (e *SheetError) Unwrap() error { return e.Err }

// Sheet reads a sheet of this batch, and prepares the rows that no manifest has. Invalid rows and sheets are Problems
// of the result; the error is for a sheet that cannot be read.
func (i *Import) Sheet(ctx context.Context, in io.Reader, o sheet.Options) (*SheetImport, error) {
	o.Account, o.Kinds = i.Account.Name, []refund.Kind{refund.Order, refund.Subscription}
	if i.Account.API == "flowwise" {
		o.Kinds = []refund.Kind{refund.Payment}
	}
	s := &SheetImport{into: i, batch: o.Batch, merge: sheet.NewMerge(i.manifests, i.Account.Name, o.Batch), Result: SheetResult{Warned: map[string]int{}}}
	return s, s.read(ctx, in, o)
}

// Fatal reports whether there is a problem that omitting rows does not solve.
func (s *SheetImport) Fatal() bool { return s.fatal }

// Bad reports whether the sheet has an error.
func (s *SheetImport) Bad() bool { return s.fatal || s.errors > 0 }

// Imported returns the target with the new rows. It refuses an existing target without a refund of this sheet.
func (s *SheetImport) Imported() (*Imported, error) {
	if t := s.into.target; t.before != nil && !s.merge.Meets(t.name) {
		return nil, refuse(TargetOfOtherSheet, "", "%s exists and has no refund of this sheet; it is not changed", t.name)
	}
	return s.into.imported()
}

func (s *SheetImport) read(ctx context.Context, in io.Reader, o sheet.Options) error {
	reader, problems, err := sheet.Open(in, o)
	if err != nil {
		return &SheetError{err}
	}
	if reader != nil {
		s.reader, s.Result.Ignored = reader, reader.Ignored()
	}
	if s.fatal = len(problems) > 0; s.fatal {
		s.keep(problems)
		return nil
	}
	for ctx.Err() == nil {
		row, err := reader.Next()
		var problem *sheet.Problem
		switch {
		case errors.Is(err, io.EOF):
			return s.end()
		case errors.As(err, &problem):
			s.fatal, s.problems = true, append(s.problems, *problem)
			return s.flush()
		case err != nil:
			return &SheetError{err}
		}
		if err := s.take(row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// take classifies a row, and adds a new one to the chunk.
func (s *SheetImport) take(row sheet.Row) error {
	s.Result.Rows++
	verdict, problems := s.merge.Take(row)
	for n, p := range problems {
		problems[n] = s.reader.Placed(p)
		s.fatal = s.fatal || p.IsError()
	}
	s.problems = append(append(s.problems, row.Problems...), problems...)
	switch verdict {
	case sheet.Refused:
		s.Result.Refused++
		if row.Failed() && row.Spec.Kind != "" && row.Spec.RefundID != "" {
			s.chunk = append(s.chunk, row) // so that everything wrong with it is reported
		}
	case sheet.Unchanged:
		s.Result.Unchanged.Add(row.Spec.Amount)
		return nil
	case sheet.Added:
		s.chunk = append(s.chunk, row)
	}
	if len(s.chunk)+len(s.problems) < chunkRows {
		return nil
	}
	return s.flush()
}

// end flushes the last chunk, and warns of a sheet without rows and of refunds of the batch that the sheet lacks.
func (s *SheetImport) end() error {
	if err := s.flush(); err != nil {
		return err
	}
	if s.Result.Rows == 0 {
		s.keep([]sheet.Problem{sheet.NoRows()})
	}
	for _, gone := range s.merge.Gone() {
		s.keep([]sheet.Problem{sheet.GoneProblem(gone)})
		s.Result.Vanished.Add(gone.Amount)
	}
	return nil
}

// keep keeps as many problems as a person would read, errors before warnings, and counts the rest.
func (s *SheetImport) keep(problems []sheet.Problem) {
	const most = 100
	r := &s.Result
	for _, p := range problems {
		if p.IsError() {
			s.errors++
		} else {
			r.Warned[p.Code]++
		}
		if len(r.Problems) < most {
			r.Problems = append(r.Problems, p)
			continue
		}
		r.More++
		warning := func(q sheet.Problem) bool { return !q.IsError() }
		if n := slices.IndexFunc(r.Problems, warning); n >= 0 && p.IsError() {
			r.Problems = append(slices.Delete(r.Problems, n, n+1), p)
		}
	}
}

// flush validates the chunk as a manifest, keeps the text of the valid rows, and reports the others by their place in
// the sheet.
func (s *SheetImport) flush() error {
	rows, starts := s.written()
	text := layout.WriteHead("", s.into.Account.Name) + strings.Join(rows, "")
	parsed := schema.Parse(s.into.target.name, []byte(text), s.into.options())
	s.problems = append(s.problems, s.placed(parsed.Diagnostics, strings.Split(text, "\n"), starts)...)
	good := make(map[int]refund.Spec, len(parsed.Specs))
	for _, spec := range parsed.Specs {
		good[spec.Source.Line] = spec
	}
	for n, row := range s.chunk {
		spec, valid := good[starts[n]]
		switch {
		case row.Failed():
			continue
		case !valid:
			s.Result.Refused++
			continue
		case !sameRow(spec, row.Spec):
			return refuse(SheetNotReadBack, "", "row %d would not read back from the manifest as it is in the sheet", row.Number)
		}
		s.into.rows = append(s.into.rows, rows[n]...)
		s.Result.Added.Add(spec.Amount)
	}
	sheet.Sort(s.problems)
	s.keep(s.problems)
	s.chunk, s.problems = s.chunk[:0], s.problems[:0]
	return nil
}

// written returns the chunk's rows as manifest text, and the line on which each begins.
func (s *SheetImport) written() (rows []string, starts []int) {
	line := 1 + strings.Count(layout.WriteHead("", s.into.Account.Name), "\n")
	for _, row := range s.chunk {
		if row.Failed() && row.Spec.Amount.Minor == 0 {
			row.Spec.Amount = money.Amount{Minor: 100, Currency: money.INR} // its real one is reported already
		}
		text := layout.WriteRefund(row.Spec)
		rows, starts = append(rows, text), append(starts, line)
		line += strings.Count(text, "\n")
	}
	return rows, starts
}

// placed converts a manifest's diagnostics into problems of the sheet. It omits those that only count others, and
// those that belong to no row: such rows are not among the valid ones.
func (s *SheetImport) placed(found []diag.Diagnostic, lines []string, starts []int) (problems []sheet.Problem) {
	for _, d := range found {
		n, exact := slices.BinarySearch(starts, d.Line)
		if !exact {
			n--
		}
		if n < 0 || d.Code == "more" {
			continue
		}
		field := fieldAt(lines[d.Line-1], d.Column)
		if slices.ContainsFunc(s.chunk[n].Problems, func(p sheet.Problem) bool { return p.Field == field && p.IsError() }) {
			continue
		}
		problems = append(problems, s.reader.Placed(sheet.Problem{Severity: d.Severity, Code: d.Code, Row: s.chunk[n].Number,
			Field: field, Message: d.Message, Hint: d.Hint}))
	}
	return problems
}

// fieldAt returns the field at a column of a row's line, or labels.NAME within the labels.
func fieldAt(line string, column int) string {
	field, _, _ := strings.Cut(strings.TrimLeft(line, " -"), ":")
	if field != "labels" {
		return field
	}
	before := string([]rune(line)[:column-1])
	name, _, _ := strings.Cut(before[max(strings.LastIndex(before, "{"), strings.LastIndex(before, ", "))+1:], ":")
	return "labels." + strings.TrimSpace(name)
}
