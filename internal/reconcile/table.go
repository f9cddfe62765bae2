package reconcile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode"
)

// table reads the rows of a CSV file one by one.
type table struct {
	csv    *csv.Reader
	within int // line ends within cells so far
}

// openTable finds out what separates the cells: the one with which some row at the head of the file, which
// may begin with a byte order mark, names columns.
func openTable(r io.Reader, names func(cells []string) bool) (*table, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, err := in.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3) // they were peeked at
		head = head[3:]
	}
	t := &table{csv: csv.NewReader(in)}
	t.csv.Comma, t.csv.FieldsPerRecord, t.csv.ReuseRecord = separator(string(head), names), -1, true
	return t, nil
}

func separator(head string, names func(cells []string) bool) rune {
	for line := range strings.Lines(head) {
		for _, c := range []rune{',', ';', '\t', '|'} {
			if names(strings.Split(line, string(c))) {
				return c
			}
		}
	}
	return ','
}

// next is the next row and its number, as a spreadsheet counts. The cells are those of the call before, overwritten.
func (t *table) next() (cells []string, row int, err error) {
	cells, err = t.csv.Read()
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		return nil, bad.StartLine - t.within, err
	case err != nil:
		return nil, 0, err
	}
	row, _ = t.csv.FieldPos(0)
	row -= t.within
	for _, c := range cells {
		t.within += strings.Count(c, "\n")
	}
	return cells, row, nil
}

// problem is what is wrong with the file, where the error is about that.
func (t *table) problem(err error) (string, bool) {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return bad.Err.Error(), true
	}
	return "", false
}

// letters are what counts of a column's name: of refund_details.refund_id and of Refund ID refundid.
func letters(name string) string {
	name = plain(name)
	if _, field, nested := strings.Cut(name, "."); nested && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz_.") == "" && field != "" {
		name = field
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// plain is a cell without blanks and without what protects it from a spreadsheet: ="012", '012. The
// words for nothing are nothing.
func plain(cell string) string {
	cell = strings.TrimFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' })
	if inner, formula := strings.CutPrefix(cell, `="`); formula {
		cell = strings.TrimSuffix(inner, `"`)
	}
	cell = strings.TrimPrefix(cell, "'")
	switch strings.ToLower(strings.TrimRight(cell, ",")) {
	case "null", "nil", "na", "n/a", "-", "--", "none":
		return ""
	}
	return strings.Clone(cell) // the row's memory is used again
}
