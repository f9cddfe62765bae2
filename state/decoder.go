package state

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"time"

	"refundctl/internal/money"
)

// reader takes an event apart. b ends where the hash begins; i stands behind what was read. The
// first problem stays, and what is read after it is empty.
type decoder struct {
	b        []byte
	i        int
	err      *DamageError
	interner interner
	scratch  []byte

	last         digest // of the line read last, and how that line spells it
	lastSpelling [hashSuffix]byte

	currency money.Currency // of the amount read last, and its
	decimals int
}

func (r *decoder) fail(problem string) {
	if r.err == nil {
		r.err = &DamageError{Kind: Malformed, Problem: problem}
	}
}

func (r *decoder) malformed(format string, args ...any) { r.fail(fmt.Sprintf(format, args...)) }

// next takes the byte c if it is the next one.
func (r *decoder) next(c byte) bool {
	if r.err != nil || r.i >= len(r.b) || r.b[r.i] != c {
		return false
	}
	r.i++
	return true
}

func (r *decoder) expect(c byte) {
	if !r.next(c) {
		r.malformed("%q is missing at byte %d", c, r.i+1)
	}
}

// key takes the field's name if it is the next one, and otherwise nothing: the field is empty.
func (r *decoder) key(name string) bool {
	if r.err != nil {
		return false
	}
	rest := r.b[r.i:]
	if r.b[r.i-1] != '{' {
		if len(rest) == 0 || rest[0] != ',' {
			return false
		}
		rest = rest[1:]
	}
	n := len(name)
	if len(rest) < n+3 || rest[0] != '"' || string(rest[1:n+1]) != name || rest[n+1] != '"' || rest[n+2] != ':' {
		return false
	}
	r.i = len(r.b) - len(rest) + n + 3
	return true
}

// quoted is the next string, valid until the next call.
func (r *decoder) quoted() []byte {
	r.expect('"')
	if r.err != nil {
		return nil
	}
	rest := r.b[r.i:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		r.malformed("a string does not end")
		return nil
	}
	if !plain(rest[:end]) {
		return r.unescape(rest)
	}
	r.i += end + 1
	return rest[:end]
}

func (r *decoder) text(name string, v *string) {
	if r.key(name) {
		*v = r.interner.recent(r.nonEmpty(name))
	}
}

// filled is a text that is not empty: an empty one is written as no field at all.
func (r *decoder) nonEmpty(name string) []byte {
	text := r.quoted()
	if len(text) == 0 {
		r.malformed("%s is empty", name)
	}
	return text
}

func (r *decoder) interned(name string, v *string) {
	if r.key(name) {
		*v = r.interner.intern(r.nonEmpty(name))
	}
}

func (r *decoder) texts(name string, v *[]string) {
	if !r.key(name) {
		return
	}
	r.expect('[')
	for r.err == nil && (len(*v) == 0 || r.next(',')) {
		*v = append(*v, string(r.quoted()))
	}
	r.expect(']')
}

func (r *decoder) bytes(name string, v *[]byte) {
	if r.key(name) {
		*v = bytes.Clone(r.nonEmpty(name))
	}
}

func (r *decoder) digest(name string, v *digest) {
	if !r.key(name) {
		return
	}
	text := r.quoted()
	if string(text) == string(r.lastSpelling[len(hashField):hashSuffix-2]) { // nearly always the line before is meant
		*v = r.last
		return
	}
	var again [2 * len(v)]byte
	if len(text) == len(again) {
		hex.Decode(v[:], text) // where it is no hash, it is not spelled the same again
		hex.Encode(again[:], v[:])
	}
	if !bytes.Equal(text, again[:]) || *v == (digest{}) {
		r.malformed("%s is not a hash", name)
	}
}

func (r *decoder) number(name string, v *int) {
	if !r.key(name) {
		return
	}
	const longest = 9
	n, start := 0, r.i
	for r.i < len(r.b) && r.b[r.i] >= '0' && r.b[r.i] <= '9' && r.i-start < longest {
		n = n*10 + int(r.b[r.i]-'0')
		r.i++
	}
	if r.i == start || r.b[start] == '0' {
		r.malformed("%s is not a whole number", name)
	}
	*v = n
}

func (r *decoder) flag(name string, v *bool) {
	if !r.key(name) {
		return
	}
	if !bytes.HasPrefix(r.b[r.i:], []byte("true")) {
		r.malformed("%s is not true", name)
		return
	}
	r.i += len("true")
	*v = true
}

func (r *decoder) moment(name string, v *time.Time) {
	if !r.key(name) {
		return
	}
	text := r.quoted()
	t, ok := utcTime(text)
	if !ok {
		r.malformed("%s is not a UTC time", name)
	}
	*v = t
}

func (r *decoder) amount(name string, v *money.Amount) {
	if !r.key(name) {
		return
	}
	digits, currency := r.quoted(), ""
	r.interned("currency", &currency)
	if currency != string(r.currency) {
		r.currency, r.decimals = money.Currency(currency), money.Currency(currency).Decimals()
	}
	minor, ok := minorOf(digits, r.decimals)
	if !ok || currency == "" {
		r.malformed("%s is not an amount with its currency", name)
	}
	*v = money.Amount{Minor: minor, Currency: r.currency}
}

func (r *decoder) open(name string, _ bool) bool {
	if !r.key(name) {
		return false
	}
	r.expect('{')
	return true
}

func (r *decoder) close() {
	if !r.next('}') {
		r.failUnknown()
	}
}

// done says that nothing may follow.
func (r *decoder) expectEnd() {
	if r.i < len(r.b) {
		r.failUnknown()
	}
}

// unknown names the field that stands where an object should have ended.
func (r *decoder) failUnknown() {
	rest := bytes.TrimPrefix(r.b[r.i:], []byte(","))
	if name, _, whole := bytes.Cut(bytes.TrimPrefix(rest, []byte(`"`)), []byte(`":`)); whole {
		r.malformed("the field %q is not known here", name)
	}
	r.malformed("an object does not end at byte %d", r.i+1)
}

func (r *decoder) list(name string, _ bool) bool {
	if !r.key(name) {
		return false
	}
	r.expect('[')
	if r.i < len(r.b) && r.b[r.i] == ']' {
		r.malformed("%s is empty", name)
	}
	return r.err == nil
}

func (r *decoder) item(bool) bool {
	if r.err != nil || r.next(']') {
		return false
	}
	if r.b[r.i-1] != '[' {
		r.expect(',')
	}
	r.expect('{')
	return r.err == nil
}
