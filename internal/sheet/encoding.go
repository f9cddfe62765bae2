package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

const exportHint = "export the sheet as CSV UTF-8 (comma delimited)"

// headRoom is how much of a sheet is looked at before it is read: a header is shorter.
const headRoom = 64 << 10

// decoded is the file without its byte order mark. A *Problem says what it is instead of a CSV file.
func decoded(in io.Reader) (*bufio.Reader, error) {
	text := bufio.NewReaderSize(in, headRoom)
	head, err := text.Peek(headRoom)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	refuse := func(code, message string) (*bufio.Reader, error) {
		return nil, &Problem{Code: code, Message: message, Hint: exportHint}
	}
	switch first, _, _ := bytes.Cut(head, []byte("\n")); {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return refuse(codeEncoding, "the file is a workbook, not a CSV file")
	case bytes.HasPrefix(head, []byte("\xFF\xFE")), bytes.HasPrefix(head, []byte("\xFE\xFF")), bytes.IndexByte(head, 0) >= 0:
		return refuse(codeEncoding, "the file is UTF-16 or no text")
	case bytes.Contains(bytes.TrimSuffix(first, []byte("\r")), []byte("\r")):
		return refuse(codeSyntax, "the lines end with a carriage return alone")
	}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, err = text.Discard(3)
		return text, err
	}
	return text, nil
}

// separatorOf is the separator with which the header has the most columns that are known; where it has
// none, the most columns.
func (o Options) separatorOf(head []byte) rune {
	if o.Separator != 0 {
		return o.Separator
	}
	best, most := ',', [2]int{-1, -1}
	for _, separator := range Separators {
		cells, err := csvReader(bytes.NewReader(head), separator).Read()
		if err != nil {
			continue
		}
		score := [2]int{o.known(cells), len(cells)}
		if score[0] > most[0] || score[0] == most[0] && score[1] > most[1] {
			best, most = separator, score
		}
	}
	return best
}
