package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"refundctl/schema/yamltree"
)

const exportHint = "export the sheet as CSV UTF-8 (comma delimited)"

// headSize is how much of a sheet is examined before it is read. A header is shorter.
const headSize = 64 << 10

// decoded returns the file without its byte order mark. A *Problem means that it is not a CSV file.
func decoded(in io.Reader) (*bufio.Reader, error) {
	text := bufio.NewReaderSize(in, headSize)
	head, err := text.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	refuse := func(code, message string) (*bufio.Reader, error) {
		return nil, &Problem{Code: code, Message: message, Hint: exportHint}
	}
	switch first, _, _ := bytes.Cut(head, []byte("\n")); {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0")):
		return refuse(codeEncoding, "the file is a workbook, not a CSV file")
	case yamltree.OtherEncoding(head) != "":
		return refuse(codeEncoding, "the file is "+yamltree.OtherEncoding(head))
	case bytes.IndexByte(head, 0) >= 0:
		return refuse(codeEncoding, "the file is not text")
	case bytes.Contains(bytes.TrimSuffix(first, []byte("\r")), []byte("\r")):
		return refuse(codeSyntax, "lines end with a carriage return only")
	}
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		_, err = text.Discard(3)
		return text, err
	}
	return text, nil
}

// separatorOf returns the separator with which the most columns of the header are known. If none is
// known, it is the one with the most columns.
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
