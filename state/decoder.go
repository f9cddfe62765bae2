package state

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// decoder decodes the fields of an event. b ends where the hash begins, i is the next byte. The first problem
// is kept, and what is decoded after it is empty.
type decoder struct {
	b        []byte
	i        int
	err      *DamageError
	interner interner
	scratch  []byte

	last         digest // the hash of the line decoded last, and its form in that line
	lastSpelling [hashSuffix]byte

	details refund.Details      // being decoded
	recent  [16]*refund.Details // decoded before
	oldest  int                 // of recent

	currency money.Currency // of the amount decoded last, and its
	decimals int
}

func (d *decoder) fail(problem string) {
	if d.err == nil {
		d.err = &DamageError{Kind: Malformed, Problem: problem}
	}
}

func (d *decoder) malformed(format string, args ...any) { d.fail(fmt.Sprintf(format, args...)) }

// next consumes the byte c if it is the next one.
func (d *decoder) next(c byte) bool {
	if d.err != nil || d.i >= len(d.b) || d.b[d.i] != c {
		return false
	}
	d.i++
	return true
}

func (d *decoder) expect(c byte) {
	if !d.next(c) {
		d.malformed("%q is missing at byte %d", c, d.i+1)
	}
}

// key consumes the field's name if it is the next one. Otherwise the field is empty.
func (d *decoder) key(name string) bool {
	if d.err != nil {
		return false
	}
	rest := d.b[d.i:]
	if d.b[d.i-1] != '{' {
		if len(rest) == 0 || rest[0] != ',' {
			return false
		}
		rest = rest[1:]
	}
	n := len(name)
	if len(rest) < n+3 || rest[0] != '"' || string(rest[1:n+1]) != name || rest[n+1] != '"' || rest[n+2] != ':' {
		return false
	}
	d.i = len(d.b) - len(rest) + n + 3
	return true
}

// quoted consumes the next string. The result is valid until the next call.
func (d *decoder) quoted() []byte {
	d.expect('"')
	if d.err != nil {
		return nil
	}
	rest := d.b[d.i:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		d.malformed("a string is not terminated")
		return nil
	}
	if !plain(rest[:end]) {
		return d.unescape(rest)
	}
	d.i += end + 1
	return rest[:end]
}

func (d *decoder) text(name string, v *string) {
	if d.key(name) {
		*v = d.interner.recent(d.nonEmpty(name))
	}
}

// nonEmpty consumes a text that must not be empty: empty ones are omitted.
func (d *decoder) nonEmpty(name string) []byte {
	text := d.quoted()
	if len(text) == 0 {
		d.malformed("%s is empty", name)
	}
	return text
}

func (d *decoder) interned(name string, v *string) {
	if d.key(name) {
		*v = d.interner.intern(d.nonEmpty(name))
	}
}

func (d *decoder) texts(name string, v *[]string) {
	if !d.key(name) {
		return
	}
	d.expect('[')
	for d.err == nil && (len(*v) == 0 || d.next(',')) {
		*v = append(*v, string(d.quoted()))
	}
	d.expect(']')
}

func (d *decoder) bytes(name string, v *[]byte) {
	if d.key(name) {
		*v = bytes.Clone(d.nonEmpty(name))
	}
}

func (d *decoder) digest(name string, v *digest) {
	if !d.key(name) {
		return
	}
	text := d.quoted()
	if string(text) == string(d.lastSpelling[len(hashField):hashSuffix-2]) { // nearly always the hash of the line before
		*v = d.last
		return
	}
	var again [2 * len(v)]byte
	if len(text) == len(again) {
		hex.Decode(v[:], text) // what is not a hash has another form when encoded again
		hex.Encode(again[:], v[:])
	}
	if !bytes.Equal(text, again[:]) || *v == (digest{}) {
		d.malformed("%s is not a hash", name)
	}
}

func (d *decoder) number(name string, v *int) {
	if !d.key(name) {
		return
	}
	const longest = 9
	n, start := 0, d.i
	for d.i < len(d.b) && d.b[d.i] >= '0' && d.b[d.i] <= '9' && d.i-start < longest {
		n = n*10 + int(d.b[d.i]-'0')
		d.i++
	}
	if d.i == start || d.b[start] == '0' {
		d.malformed("%s is not a whole number", name)
	}
	*v = n
}

func (d *decoder) flag(name string, v *bool) {
	if !d.key(name) {
		return
	}
	if !bytes.HasPrefix(d.b[d.i:], []byte("true")) {
		d.malformed("%s is not true", name)
		return
	}
	d.i += len("true")
	*v = true
}

func (d *decoder) moment(name string, v *time.Time) {
	if !d.key(name) {
		return
	}
	text := d.quoted()
	t, ok := utcTime(text)
	if !ok {
		d.malformed("%s is not a UTC time", name)
	}
	*v = t
}

func (d *decoder) amount(name string, v *money.Amount) {
	if !d.key(name) {
		return
	}
	digits, currency := d.quoted(), ""
	d.interned("currency", &currency)
	if currency != string(d.currency) {
		d.currency, d.decimals = money.Currency(currency), money.Currency(currency).Decimals()
	}
	minor, ok := minorOf(digits, d.decimals)
	if !ok || currency == "" {
		d.malformed("%s is not an amount with its currency", name)
	}
	*v = money.Amount{Minor: minor, Currency: d.currency}
}

func (d *decoder) open(name string, _ bool) bool {
	if !d.key(name) {
		return false
	}
	d.expect('{')
	return true
}

func (d *decoder) close() {
	if !d.next('}') {
		d.failUnknown()
	}
}

// expectEnd fails unless everything is consumed.
func (d *decoder) expectEnd() {
	if d.i < len(d.b) {
		d.failUnknown()
	}
}

// failUnknown names the field that comes where the object should have ended.
func (d *decoder) failUnknown() {
	rest := bytes.TrimPrefix(d.b[d.i:], []byte(","))
	if name, _, whole := bytes.Cut(bytes.TrimPrefix(rest, []byte(`"`)), []byte(`":`)); whole {
		d.malformed("unknown field %q", name)
	}
	d.malformed("an object is not terminated at byte %d", d.i+1)
}

func (d *decoder) list(name string, _ bool) bool {
	if !d.key(name) {
		return false
	}
	d.expect('[')
	if d.i < len(d.b) && d.b[d.i] == ']' {
		d.malformed("%s is empty", name)
	}
	return d.err == nil
}

func (d *decoder) item(bool) bool {
	if d.err != nil || d.next(']') {
		return false
	}
	if d.b[d.i-1] != '[' {
		d.expect(',')
	}
	d.expect('{')
	return d.err == nil
}

func (d *decoder) beginDetails(*refund.Details) *refund.Details {
	d.details = refund.Details{}
	return &d.details
}

func (d *decoder) endDetails(v **refund.Details) {
	for _, have := range d.recent {
		if have != nil && *have == d.details {
			*v = have
			return
		}
	}
	*v = new(d.details)
	d.recent[d.oldest] = *v
	d.oldest = (d.oldest + 1) % len(d.recent)
}
