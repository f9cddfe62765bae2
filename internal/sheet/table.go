package sheet

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// Separators are those that exports put between cells, the usual first.
const Separators = ",;\t|"

// maxBytes bounds what is read of a file: a quote that is never closed is one cell up to its end.
const maxBytes = 128 << 20

// ErrTooLarge is returned for a file of more than 128 MiB.
var ErrTooLarge = errors.New("larger than 128 MiB, or has a quote that is never closed")

// Table reads the rows of a CSV file one by one, whatever they hold.
type Table struct {
	csv    *csv.Reader
	within int // line ends within cells so far
	limit  *io.LimitedReader
}

// OpenTable finds out what separates the cells: choose looks at the beginning of the file, without its
// byte order mark. A *Problem as the error means that the file is no CSV file; others are of reading.
func OpenTable(in io.Reader, choose func(head []byte) rune) (*Table, error) {
	limit := &io.LimitedReader{R: in, N: maxBytes + 1}
	text, err := decoded(limit)
	if err != nil {
		return nil, err
	}
	head, err := text.Peek(headRoom - 3) // a byte order mark is gone from what is there already
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return &Table{csv: csvReader(text, choose(head)), limit: limit}, nil
}

func csvReader(in io.Reader, separator rune) *csv.Reader {
	c := csv.NewReader(in)
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = separator, -1, true
	return c
}

// Next is the next row and its number, as a spreadsheet counts. The cells are overwritten by the next
// call. At the end the error is io.EOF; ErrTooLarge, or a *Problem where the file stops being a CSV
// file, mean that the rest cannot be relied on.
func (t *Table) Next() (cells []string, row int, err error) {
	cells, err = t.csv.Read()
	var syntax *csv.ParseError
	switch {
	case err == nil:
		row, _ = t.csv.FieldPos(0)
		row -= t.within
		for _, cell := range cells {
			t.within += strings.Count(cell, "\n")
		}
		return cells, row, nil
	case t.limit.N <= 0:
		return nil, 0, ErrTooLarge
	case !errors.As(err, &syntax):
		return nil, 0, err
	}
	p := &Problem{Code: codeSyntax, Row: syntax.StartLine - t.within, Column: len(cells) + 1,
		Message: "a quote stands within a cell that is not in quotes", Hint: `put the cell in quotes and write each quote in it twice: ""`}
	if errors.Is(syntax.Err, csv.ErrQuote) {
		p.Message, p.Hint = "a quoted cell does not end where it should", `a quote within a cell is written twice: "", and the cell ends with one`
	}
	return nil, 0, p
}
