// Package sheet reads refunds from the CSV export of a spreadsheet. It finds the columns by their
// names, reads amounts and ids the way people and spreadsheets write them, gives a row without a
// refund_id one that never changes, and compares the rows with the refunds in manifests.
//
// It never guesses: a value that could mean two amounts, two columns or two refunds is a problem with
// its row and column. It opens no files and keeps one row in memory at a time. The import of sheets
// calls it; package reconcile reads bank files with Table and Signed.
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
	"refundctl/schema/sensitive"
)

// Options configure how a sheet is read.
type Options struct {
	Separator rune              // between cells; 0 means the one that fits the header best
	Kinds     []refund.Kind     // kinds of refunds that the account has
	Account   string            // name of the account, for the specs
	Columns   map[string]string // chosen columns by field or labels.NAME
	Labels    []string          // columns that become labels of the same name
	Batch     string            // a label of every row, and part of derived ids; may be empty
	Name      string            // of the sheet's file, a label of every row unless it is personal data; may be empty
}

// Row is a row that is not blank. Spec is complete if no problem is an error.
type Row struct {
	Number   int // as the spreadsheet counts; the header is row 1
	Spec     refund.Spec
	Problems []Problem
}

// Failed reports whether the row cannot become a refund.
func (r Row) Failed() bool { return slices.ContainsFunc(r.Problems, Problem.IsError) }

// Reader reads a sheet row by row.
type Reader struct {
	table   *Table
	options Options
	header  header
	nth     map[string]int    // rows of each parent so far
	labels  map[string]string // of every row
}

// Open reads the header. It returns all problems of the header, or of the file as a whole, at once.
// The error is that of in.
func Open(in io.Reader, o Options) (*Reader, []Problem, error) {
	table, err := OpenTable(in, o.separatorOf)
	if err != nil {
		return withoutHeader(err)
	}
	r := &Reader{table: table, options: o, nth: map[string]int{}, labels: map[string]string{}}
	if o.Batch != "" {
		r.labels[BatchLabel] = o.Batch
	}
	if o.Name != "" && utf8.RuneCountInString(o.Name) <= longestLabel && plainText(o.Name) && len(sensitive.Find(o.Name)) == 0 {
		r.labels[SheetLabel] = o.Name
	}
	first, _, err := table.Next()
	if err != nil {
		return withoutHeader(r.ended(err))
	}
	problems := r.readHeader(slices.Clone(first))
	return r, problems, nil
}

// withoutHeader returns the problem of a sheet whose header cannot be read, or the error.
func withoutHeader(err error) (*Reader, []Problem, error) {
	var problem *Problem
	switch {
	case errors.As(err, &problem):
		return nil, []Problem{*problem}, nil
	case errors.Is(err, io.EOF):
		return nil, []Problem{{Code: codeEmpty, Message: "the sheet is empty", Hint: "the first row must contain the column names"}}, nil
	}
	return nil, nil, err
}

// The labels of an imported refund: its batch, the file name of its sheet, and its row there when it was added.
// A column that becomes a label of the same name replaces the last two.
const (
	BatchLabel = "batch"
	SheetLabel = "sheet"
	RowLabel   = "row"
)

// longestLabel is the longest value of a label, in characters.
const longestLabel = 200

// plainText reports whether a label can contain the text.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Ignored returns the names of the columns that are not read, in their order.
func (r *Reader) Ignored() []string { return r.header.ignored }

// Next returns the next row that is not blank. At the end the error is io.EOF; a *Problem means that
// the rest of the sheet cannot be relied on.
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

// Placed returns a problem with the column of its field.
func (r *Reader) Placed(p Problem) Problem {
	if i, there := r.header.columns[p.Field]; there {
		p.Column, p.Name = i+1, r.header.name(i)
	}
	return p
}

// ended returns the reason why reading ended, as a *Problem if it is one of the sheet.
func (r *Reader) ended(err error) error {
	var problem *Problem
	switch {
	case errors.Is(err, ErrTooLarge):
		return &Problem{Code: codeTooLarge, Message: "the sheet is " + err.Error(), Hint: "split it and import each part with its own --batch"}
	case errors.As(err, &problem):
		problem.Name = r.header.name(problem.Column - 1)
	}
	return err
}

// illegible returns a problem if a cell is not UTF-8. That concerns the whole file: ids and notes of
// other rows may have been read wrongly too.
func (r *Reader) illegible(number int, cells []string) *Problem {
	for i, cell := range cells {
		if !utf8.ValidString(cell) && len(r.readAs(i)) > 0 {
			return &Problem{Code: codeEncoding, Row: number, Column: i + 1, Name: r.header.name(i), Message: "the cell is not UTF-8", Hint: exportHint}
		}
	}
	return nil
}

// row reads one row. The parent comes first, since a row that fails must still count among the rows of
// its parent. Otherwise the ids of the others would change once it is corrected.
func (r *Reader) row(number int, cells []string) Row {
	one := rowReader{Reader: r, cells: cells, row: Row{Number: number}}
	one.row.Spec = refund.Spec{Account: r.options.Account}
	one.width()
	one.parent()
	one.refundID()
	one.amount()
	one.texts()
	one.label()
	return one.row
}

// Clean returns a cell without spaces around it, and without the ="…" that keeps a spreadsheet from
// reading it as a number.
func Clean(cell string) string {
	cell = strings.TrimFunc(cell, blank)
	if inner, formula := strings.CutPrefix(cell, `="`); formula && strings.HasSuffix(inner, `"`) {
		cell = strings.TrimFunc(strings.TrimSuffix(inner, `"`), blank)
	}
	return cell
}

// blank reports whether a rune is invisible at the ends of a cell. A byte order mark is too.
func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

// currency returns the currency of the row, rupees if the cell is empty.
func (r *rowReader) currency() money.Currency {
	text := r.cell(fieldCurrency)
	if text == "" {
		return money.INR
	}
	c, err := money.ParseCurrency(strings.ToUpper(text))
	if err != nil {
		r.refuse(fieldCurrency, codeCurrency, "is not a currency", "use a three-letter code such as INR")
		return money.INR
	}
	return c
}
