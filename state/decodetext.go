package state

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// plain reports whether s is ASCII without escapes and control characters. It checks eight bytes at a time: in
// a byte below 0x20 or equal to the backslash, the subtraction sets the highest bit.
func plain(s []byte) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		x := binary.LittleEndian.Uint64(s)
		if (x|(x-' '*ones)|((x^'\\'*ones)-ones))&tops != 0 {
			return false
		}
	}
	for _, c := range s {
		if c < ' ' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unescape accepts only what the encoder writes: \" and \\, and \u00XX for control characters.
func (d *decoder) unescape(rest []byte) []byte {
	s, i, begin := d.scratch[:0], 0, 0
	for i < len(rest) && rest[i] >= ' ' && rest[i] != '"' {
		if rest[i] != '\\' {
			i++
			continue
		}
		c, width := escaped(rest[i:])
		if width == 0 {
			break
		}
		s = append(append(s, rest[begin:i]...), c)
		i += width
		begin = i
	}
	s = append(s, rest[begin:i]...)
	if i == len(rest) || rest[i] != '"' || !utf8.Valid(s) {
		d.malformed("a string is not in the form that this program writes")
		return nil
	}
	d.scratch = s
	d.i += i + 1
	return s
}

func escaped(b []byte) (c byte, width int) {
	switch {
	case len(b) > 1 && (b[1] == '"' || b[1] == '\\'):
		return b[1], 2
	case len(b) > 5 && string(b[1:4]) == "u00":
		v, err := strconv.ParseUint(string(b[4:6]), 16, 8)
		if err == nil && v < ' ' && !bytes.ContainsAny(b[4:6], "ABCDEF") {
			return byte(v), 6
		}
	}
	return 0, 0
}

// minorOf parses what money.Amount.String writes for an amount that is not negative.
func minorOf(text []byte, decimals int) (minor int64, ok bool) {
	point := len(text) - decimals - 1
	if decimals == 0 {
		point = len(text)
	}
	if point < 1 || text[0] == '0' && point > 1 {
		return 0, false
	}
	for i, c := range text {
		d := int64(c) - '0'
		switch {
		case i == point && c == '.':
		case i != point && 0 <= d && d <= 9 && minor <= (math.MaxInt64-d)/10:
			minor = minor*10 + d
		default:
			return 0, false
		}
	}
	return minor, true
}

// utcTime parses what time.RFC3339Nano writes for a time in UTC.
func utcTime(s []byte) (time.Time, bool) {
	const shape = "0000-00-00T00:00:00"
	if len(s) <= len(shape) || s[len(s)-1] != 'Z' {
		return time.Time{}, false
	}
	for i := range len(shape) {
		if digit := s[i] >= '0' && s[i] <= '9'; digit != (shape[i] == '0') || !digit && s[i] != shape[i] {
			return time.Time{}, false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	month, day, hour, minute, second := two(5), two(8), two(11), two(14), two(17)
	ns, ok := fraction(s[len(shape) : len(s)-1])
	t := time.Date(two(0)*100+two(2), time.Month(month), day, hour, minute, second, ns, time.UTC)
	// Only the last days of a month depend on the calendar.
	ok = ok && 1 <= month && month <= 12 && 1 <= day && (day <= 28 || t.Day() == day)
	return t, ok && hour < 24 && minute < 60 && second < 60
}

// fraction parses the decimals of a second, which do not end in a zero, as nanoseconds.
func fraction(s []byte) (ns int, ok bool) {
	if len(s) == 0 {
		return 0, true
	}
	if s[0] != '.' || len(s) < 2 || len(s) > 10 || s[len(s)-1] == '0' {
		return 0, false
	}
	for i := 1; i < 10; i++ {
		ns *= 10
		if i < len(s) {
			if s[i] < '0' || s[i] > '9' {
				return 0, false
			}
			ns += int(s[i] - '0')
		}
	}
	return ns, true
}
