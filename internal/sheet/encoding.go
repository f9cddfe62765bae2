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

// decoded is the sheet without its byte order mark, or what it is instead of a CSV file.
func decoded(in io.Reader) (*bufio.Reader, *Problem, error) {
	text := bufio.NewReaderSize(in, headRoom)
	head, err := text.Peek(headRoom)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	refuse := func(code, message string) (*bufio.Reader, *Problem, error) {
		return nil, &Problem{Code: code, Message: message, Hint: exportHint}, nil
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
		return text, nil, err
	}
	return text, nil, nil
}

// separators are the ones that exports use, the usual first.
const separators = ",;\t|"

// separatorOf is the separator with which the header has the most columns that are known; where it has
// none, the most columns.
func separatorOf(text *bufio.Reader, o Options) (rune, error) {
	head, err := text.Peek(headRoom - 3) // a byte order mark is gone from what is there already
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	best, most := ',', [2]int{-1, -1}
	for _, separator := range separators {
		cells, err := csvReader(bytes.NewReader(head), separator).Read()
		if err != nil {
			continue
		}
		score := [2]int{o.known(cells), len(cells)}
		if score[0] > most[0] || score[0] == most[0] && score[1] > most[1] {
			best, most = separator, score
		}
	}
	return best, nil
}
