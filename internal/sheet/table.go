package sheet

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// Separators are the separators between cells in exports, the most common first.
const Separators = ",;\t|"

// maxBytes bounds the size of a file. A quote that is never closed makes the rest of it one cell.
const maxBytes = 128 << 20

// ErrTooLarge is returned for a file of more than 128 MiB.
var ErrTooLarge = errors.New("larger than 128 MiB, or has a quote that is never closed")

// Table reads the rows of a CSV file one by one, whatever they contain.
type Table struct {
	csv    *csv.Reader
	within int // line breaks within cells so far
	limit  *io.LimitedReader
}

// OpenTable opens a table. choose returns the separator from the beginning of the file, which it gets
// without a byte order mark. If the error is a *Problem, the file is not a CSV file; otherwise reading
// failed.
func OpenTable(in io.Reader, choose func(head []byte) rune) (*Table, error) {
	limit := &io.LimitedReader{R: in, N: maxBytes + 1}
	text, err := decoded(limit)
	if err != nil {
		return nil, err
	}
	head, err := text.Peek(headSize - 3) // the buffer is shorter by a byte order mark
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

// Next returns the next row and its number, as a spreadsheet counts. The next call overwrites the cells.
// At the end the error is io.EOF. ErrTooLarge, or a *Problem if the file stops being a CSV file, means
// that the rest cannot be relied on.
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
		Message: "a cell that is not in quotes contains a quote", Hint: `put the cell in quotes and double each quote in it: ""`}
	if errors.Is(syntax.Err, csv.ErrQuote) {
		p.Message, p.Hint = "a quoted cell has no closing quote, or text after it", `double each quote within a cell: "", and end the cell with one`
	}
	return nil, 0, p
}
