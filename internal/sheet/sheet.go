// Package sheet reads the refunds that stand in a spreadsheet's export: it finds the columns by
// their names, reads amounts and ids the way people and spreadsheets write them, gives rows without
// a refund_id one that never changes, and holds the rows against those that manifests have already.
//
// It never guesses: what could mean two amounts, two columns or two refunds is a problem with its
// row and column. It opens no files and holds one row at a time. The command line calls it; package
// reconcile reads bank files by its Table and its Signed amounts.
package sheet

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// Options say how a sheet is read.
type Options struct {
	Separator rune              // between cells; 0: the one with which the header makes sense
	Kinds     []refund.Kind     // what the account refunds
	Account   string            // its name, for the specs
	Columns   map[string]string // by field or labels.NAME: the column that was chosen for it
	Labels    []string          // columns that become labels of the same name
	Batch     string            // a label of every row, and part of the ids that are made; may be empty
}

// Row is one row of the sheet that is not blank. Spec is complete where no problem is an error.
type Row struct {
	Number   int // as the spreadsheet counts, the header being 1
	Spec     refund.Spec
	Problems []Problem
}

// Failed tells whether the row cannot become a refund.
func (r Row) Failed() bool { return slices.ContainsFunc(r.Problems, Problem.IsError) }

// Reader reads a sheet row by row.
type Reader struct {
	table   *Table
	options Options
	header  header
	nth     map[string]int // rows of each parent so far
	labels  map[string]string
}

// Open reads the header. What is wrong with it, or with the file as a whole, is told all at once; the
// error is that of in.
func Open(in io.Reader, o Options) (*Reader, []Problem, error) {
	table, err := OpenTable(in, o.separatorOf)
	if err != nil {
		return refused(err)
	}
	r := &Reader{table: table, options: o, nth: map[string]int{}}
	if o.Batch != "" {
		r.labels = map[string]string{BatchLabel: o.Batch}
	}
	first, _, err := table.Next()
	if err != nil {
		return refused(r.ended(err))
	}
	problems := r.readHeader(slices.Clone(first))
	return r, problems, nil
}

// refused is a sheet without a header.
func refused(err error) (*Reader, []Problem, error) {
	var problem *Problem
	switch {
	case errors.As(err, &problem):
		return nil, []Problem{*problem}, nil
	case errors.Is(err, io.EOF):
		return nil, []Problem{{Code: codeEmpty, Message: "the sheet is empty", Hint: "its first row must hold the names of the columns"}}, nil
	}
	return nil, nil, err
}

// BatchLabel is the label that tells which batch a refund came with.
const BatchLabel = "batch"

// Ignored are the names of the columns that nothing is read from, in their order.
func (r *Reader) Ignored() []string { return r.header.ignored }

// Next is the next row that is not blank. At the end the error is io.EOF; a *Problem means that the
// rest of the sheet cannot be relied on.
func (r *Reader) Next() (Row, error) {
	for {
		cells, number, err := r.table.Next()
		if err != nil {
			return Row{}, r.ended(err)
		}
		if problem := r.illegible(number, cells); problem != nil {
			return Row{}, problem
		}
		if !slices.ContainsFunc(cells, func(c string) bool { return Clean(c) != "" }) {
			continue
		}
		row := r.row(number, cells)
		if i := slices.IndexFunc(row.Problems, func(p Problem) bool { return p.Code == codeBatch }); i >= 0 {
			return Row{}, &row.Problems[i]
		}
		return row, nil
	}
}

// Placed is a problem with the column of its field.
func (r *Reader) Placed(p Problem) Problem {
	if i, there := r.header.columns[p.Field]; there {
		p.Column, p.Name = i+1, r.header.name(i)
	}
	return p
}

// ended is why no row comes any more, in terms of the sheet.
func (r *Reader) ended(err error) error {
	var problem *Problem
	switch {
	case errors.Is(err, ErrTooLarge):
		return &Problem{Code: codeTooLarge, Message: "the sheet is " + err.Error(), Hint: "split it, and give each part a --batch of its own"}
	case errors.As(err, &problem):
		problem.Name = r.header.name(problem.Column - 1)
	}
	return err
}

// illegible finds a cell that is not text, which tells of the whole file: ids and notes of other rows
// may have been read wrongly too.
func (r *Reader) illegible(number int, cells []string) *Problem {
	for i, cell := range cells {
		if !utf8.ValidString(cell) && len(r.readAs(i)) > 0 {
			return &Problem{Code: codeEncoding, Row: number, Column: i + 1, Name: r.header.name(i), Message: "the cell is not UTF-8", Hint: exportHint}
		}
	}
	return nil
}

// row reads one row. The parent comes first, since a row that fails must still count among those of
// its parent: the ids of the others would change when it is mended.
func (r *Reader) row(number int, cells []string) Row {
	one := rowReader{Reader: r, cells: cells, row: Row{Number: number}}
	one.row.Spec = refund.Spec{Account: r.options.Account, Labels: r.labels}
	one.width()
	one.parent()
	one.refundID()
	one.amount()
	one.words()
	one.label()
	return one.row
}

// Clean is a cell without blanks around it, and out of the ="…" that keeps a spreadsheet from reading
// it as a number.
func Clean(cell string) string {
	cell = strings.TrimFunc(cell, blank)
	if inner, formula := strings.CutPrefix(cell, `="`); formula && strings.HasSuffix(inner, `"`) {
		cell = strings.TrimFunc(strings.TrimSuffix(inner, `"`), blank)
	}
	return cell
}

// blank tells what is not seen at the ends of a cell, also what is left of a byte order mark.
func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

// currency is that of a row: what its column says, rupees where it says nothing.
func (r *rowReader) currency() money.Currency {
	text := r.cell(fieldCurrency)
	if text == "" {
		return money.INR
	}
	c, err := money.ParseCurrency(strings.ToUpper(text))
	if err != nil {
		r.refuse(fieldCurrency, codeCurrency, "is not a currency", "write three letters such as INR")
		return money.INR
	}
	return c
}
