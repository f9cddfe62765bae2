package cli

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
	"refundctl/internal/view"
	"refundctl/schema"
)

// sheetImport is one sheet on its way into a manifest. It holds a chunk of rows, the text of the good
// ones, and the sheet's ids.
type sheetImport struct {
	*importing
	skipBad bool
	merge   *sheet.Merge
	reader  *sheet.Reader
	chunk   []sheet.Row
	told    []sheet.Problem // of the chunk
	text    []byte
	result  view.SheetImport
	errs    int
	fatal   bool // a problem that no row can be left out for
}

// chunkRows is how many rows are validated at a time: enough for all cores, few enough for the memory.
const chunkRows = 2000

func (i *sheetImport) read(ctx context.Context, in io.Reader, o sheet.Options) error {
	reader, problems, err := sheet.Open(in, o)
	if err != nil {
		return fail(ExitInvalid, "name a CSV file, or - for stdin", "reading the sheet: %v", err)
	}
	if reader != nil {
		i.reader, i.result.Ignored = reader, reader.Ignored()
	}
	if i.fatal = len(problems) > 0; i.fatal {
		i.keep(problems)
		return nil
	}
	for ctx.Err() == nil {
		row, err := reader.Next()
		var problem *sheet.Problem
		switch {
		case errors.Is(err, io.EOF):
			return i.end()
		case errors.As(err, &problem):
			i.fatal, i.told = true, append(i.told, *problem)
			return i.flush()
		case err != nil:
			return fail(ExitInvalid, "name a CSV file, or - for stdin", "reading the sheet: %v", err)
		}
		if err := i.take(row); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// take judges a row and keeps what is new for its chunk.
func (i *sheetImport) take(row sheet.Row) error {
	i.result.Rows++
	verdict, problems := i.merge.Take(row)
	for n, p := range problems {
		problems[n] = i.reader.Placed(p)
		i.fatal = i.fatal || p.IsError()
	}
	i.told = append(append(i.told, row.Problems...), problems...)
	switch verdict {
	case sheet.Refused:
		i.result.Refused++
		if row.Failed() && row.Spec.Kind != "" && row.Spec.RefundID != "" {
			i.chunk = append(i.chunk, row) // to tell all that is wrong with it
		}
	case sheet.Unchanged:
		i.result.Unchanged.Add(row.Spec.Amount)
		return nil
	case sheet.Added:
		i.chunk = append(i.chunk, row)
	}
	if len(i.chunk)+len(i.told) < chunkRows {
		return nil
	}
	return i.flush()
}

// end warns of a sheet without rows, and of what the batch had and the sheet has not.
func (i *sheetImport) end() error {
	if err := i.flush(); err != nil {
		return err
	}
	if i.result.Rows == 0 {
		i.keep([]sheet.Problem{sheet.NoRows()})
	}
	for _, s := range i.merge.Gone() {
		i.keep([]sheet.Problem{sheet.GoneProblem(s)})
		i.result.Vanished.Add(s.Amount)
	}
	return nil
}

// keep keeps problems as far as a person reads them, errors before warnings, and counts the rest.
func (i *sheetImport) keep(problems []sheet.Problem) {
	const most = 100
	for _, p := range problems {
		if p.IsError() {
			i.errs++
		} else {
			i.result.Warned[p.Code]++
		}
		if len(i.result.Problems) < most {
			i.result.Problems = append(i.result.Problems, p)
			continue
		}
		i.result.More++
		warning := func(q sheet.Problem) bool { return !q.IsError() }
		if n := slices.IndexFunc(i.result.Problems, warning); n >= 0 && p.IsError() {
			i.result.Problems = append(slices.Delete(i.result.Problems, n, n+1), p)
		}
	}
}

// flush validates the chunk as the manifest that it becomes, keeps the text of the good rows, and tells
// of the others by their place in the sheet.
func (i *sheetImport) flush() error {
	rows, starts := i.written()
	head := schema.WriteHead("", i.result.Account)
	text := head + strings.Join(rows, "")
	parsed := schema.Parse(i.result.File, []byte(text), i.opts)
	i.told = append(i.told, i.problems(parsed.Diagnostics, strings.Split(text, "\n"), starts)...)
	good := make(map[int]refund.Spec, len(parsed.Specs))
	for _, s := range parsed.Specs {
		good[s.Source.Line] = s
	}
	for n, row := range i.chunk {
		s, valid := good[starts[n]]
		switch {
		case row.Failed():
			continue
		case !valid:
			i.result.Refused++
			continue
		case !sameRefund(s, row.Spec):
			return fail(ExitError, "please report it; nothing was written", "row %d would not be read back from the manifest as it stands in the sheet", row.Number)
		}
		i.text = append(i.text, rows[n]...)
		i.result.Added.Add(s.Amount)
	}
	sheet.Sort(i.told)
	i.keep(i.told)
	i.chunk, i.told = i.chunk[:0], i.told[:0]
	return nil
}

// written is the chunk's rows as manifests have them, and the line on which each begins.
func (i *sheetImport) written() (rows []string, starts []int) {
	line := 1 + strings.Count(schema.WriteHead("", i.result.Account), "\n")
	for _, row := range i.chunk {
		if row.Failed() && row.Spec.Amount.Minor == 0 {
			row.Spec.Amount = money.Amount{Minor: 100, Currency: money.INR} // one that is told of already
		}
		text := schema.WriteRefund(row.Spec)
		rows, starts = append(rows, text), append(starts, line)
		line += strings.Count(text, "\n")
	}
	return rows, starts
}

// problems are a manifest's diagnostics in terms of the sheet. What a manifest only counts, and what is
// of no row, is left out: such rows are not among the good ones.
func (i *sheetImport) problems(found []diag.Diagnostic, lines []string, starts []int) (problems []sheet.Problem) {
	for _, d := range found {
		n, exact := slices.BinarySearch(starts, d.Line)
		if !exact {
			n--
		}
		if n < 0 || d.Code == "more" {
			continue
		}
		field := fieldAt(lines[d.Line-1], d.Column)
		if slices.ContainsFunc(i.chunk[n].Problems, func(p sheet.Problem) bool { return p.Field == field && p.IsError() }) {
			continue
		}
		problems = append(problems, i.reader.Placed(sheet.Problem{Severity: d.Severity, Code: d.Code, Row: i.chunk[n].Number,
			Field: field, Message: d.Message, Hint: d.Hint}))
	}
	return problems
}

// fieldAt is the field of a manifest's row in which a column is, or labels.NAME within them.
func fieldAt(line string, column int) string {
	field, _, _ := strings.Cut(strings.TrimLeft(line, " -"), ":")
	if field != "labels" {
		return field
	}
	before := string([]rune(line)[:column-1])
	name, _, _ := strings.Cut(before[max(strings.LastIndex(before, "{"), strings.LastIndex(before, ", "))+1:], ":")
	return "labels." + strings.TrimSpace(name)
}
