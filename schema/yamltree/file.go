package yamltree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"
)

// MaxFileSize is the size in bytes of the largest file that is read.
const MaxFileSize = 64 << 20

// maxMarks bounds the characters that begin values, and with them the memory of the tree: about three
// gigabytes at worst. A hundred thousand refunds with every field have 3.5 million.
const maxMarks = 4_000_000

// ErrTooLarge is returned for a file of more than MaxFileSize.
var ErrTooLarge = fmt.Errorf("it is larger than %d MiB", MaxFileSize>>20)

// ByteOrderMark is the mark that Windows programs put before UTF-8 text.
const ByteOrderMark = "\xEF\xBB\xBF"

// ReadFile reads a regular file of at most MaxFileSize. It never waits for pipes or devices.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > MaxFileSize:
		return nil, ErrTooLarge
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
		return nil, ErrTooLarge
	}
	return data.Bytes(), nil
}

// CheckText returns data without its byte order mark, and reports whether the YAML reader may have it. If
// not, the reason is in out.
func CheckText(out *Diagnostics, data []byte) ([]byte, bool) {
	data = bytes.TrimPrefix(data, []byte(ByteOrderMark))
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		out.ErrorAt(1, 1, CodeEncoding, "the file is UTF-16", "save it as UTF-8")
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
		if code, message, hint := unreadable(r, size); code != "" {
			line, column := endOf(data[:i])
			out.ErrorAt(line, column, code, message, hint)
			return nil, false
		}
		i += size
	}
	if marks > maxMarks {
		out.ErrorAt(0, 0, CodeTooLarge, fmt.Sprintf("the file has more than %d values", maxMarks), "split it into several files")
		return nil, false
	}
	return data, true
}

// startsValue marks the characters without which YAML cannot begin one more value.
var startsValue = [128]uint8{'\n': 1, ',': 1, ':': 1, '[': 1, '{': 1, '-': 1, '?': 1}

// unreadable refuses invalid UTF-8, and the characters that YAML forbids or takes for line ends although
// editors do not: with them, line numbers would be wrong.
func unreadable(r rune, size int) (code, message, hint string) {
	switch {
	case r == utf8.RuneError && size <= 1:
		return CodeEncoding, "the file is not UTF-8", "save it as UTF-8"
	case r < ' ' || 0x7F <= r && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == 0xFFFE || r == 0xFFFF:
		return CodeControl, fmt.Sprintf("the file contains the control character U+%04X", r), "remove it"
	}
	return "", "", ""
}

// endOf returns the line and column just after text.
func endOf(text []byte) (line, column int) {
	last := bytes.LastIndexByte(text, '\n') + 1
	return bytes.Count(text, []byte("\n")) + 1, utf8.RuneCount(text[last:]) + 1
}
