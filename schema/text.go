package schema

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// MaxFileSize is how many bytes a file may have that is read.
const MaxFileSize = 64 << 20

// maxMarks bounds the characters that begin values, and with them the memory of the tree: some three
// gigabytes at worst. A hundred thousand refunds with every field have 3.5 million.
const maxMarks = 4_000_000

const unreadableHint = "see that it is there and that you may read it"

// errTooLarge is returned for a file that is larger than is read.
var errTooLarge = fmt.Errorf("it is larger than %d MiB", MaxFileSize>>20)

// readBounded reads a regular file of at most MaxFileSize. It does not wait for pipes or devices.
func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > MaxFileSize:
		return nil, errTooLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(f, MaxFileSize+1)); err != nil {
		return nil, err
	}
	if data.Len() > MaxFileSize {
		return nil, errTooLarge
	}
	return data.Bytes(), nil
}

// slurp reads a file into the sink's care: what keeps it from being read is a diagnostic.
func (o Options) slurp(out *sink, f manifestPath) (data []byte, sum [sha256.Size]byte) {
	data, instead := o.Instead[f.name]
	var err error
	if !instead {
		data, err = readBounded(f.path)
	} else if len(data) > MaxFileSize {
		err = errTooLarge
	}
	switch {
	case errors.Is(err, errTooLarge):
		out.addAt(0, 0, codeTooLarge, "the file is too large: "+err.Error(), "split it into several files")
	case err != nil:
		out.addAt(0, 0, codeUnreadable, "the file cannot be read: "+reason(err), unreadableHint)
	}
	return data, sha256.Sum256(data)
}

// reason is an error of the file system without the path, which the place tells.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// legible tells whether data is text that may be given to the YAML reader, without its byte order
// mark, and reports why not.
func legible(out *sink, data []byte) ([]byte, bool) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		out.addAt(1, 1, codeEncoding, "the file is UTF-16", "save it as UTF-8")
		return nil, false
	}
	marks := 0
	for i := 0; i < len(data); {
		c := data[i]
		if ' ' <= c && c < 0x7F || c == '\n' || c == '\t' || c == '\r' && i+1 < len(data) && data[i+1] == '\n' {
			marks += int(startsValue[c])
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if code, message, hint := illegible(r, size); code != "" {
			line, column := endOf(data[:i])
			out.addAt(line, column, code, message, hint)
			return nil, false
		}
		i += size
	}
	if marks > maxMarks {
		out.addAt(0, 0, codeTooLarge, fmt.Sprintf("the file holds more than %d values", maxMarks), "split it into several files")
		return nil, false
	}
	return data, true
}

// startsValue marks the characters without which YAML cannot begin one more value.
var startsValue = [128]uint8{'\n': 1, ',': 1, ':': 1, '[': 1, '{': 1, '-': 1, '?': 1}

// illegible refuses what is not UTF-8, and the characters that no YAML text may hold or that YAML
// takes for line ends but editors do not, so that line numbers stay true.
func illegible(r rune, size int) (code, message, hint string) {
	switch {
	case r == utf8.RuneError && size <= 1:
		return codeEncoding, "the file is not UTF-8", "save it as UTF-8"
	case r < ' ' || 0x7F <= r && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == 0xFFFE || r == 0xFFFF:
		return codeControl, fmt.Sprintf("the file holds the control character U+%04X", r), "take it away"
	}
	return "", "", ""
}

func endOf(text []byte) (line, column int) {
	last := bytes.LastIndexByte(text, '\n') + 1
	return bytes.Count(text, []byte("\n")) + 1, utf8.RuneCount(text[last:]) + 1
}
