package state

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// encoder appends JSON to b, which starts with the opening brace of the event.
type encoder struct {
	b   []byte
	err error
}

func (e *encoder) key(name string) {
	e.comma()
	e.b = append(append(append(e.b, '"'), name...), '"', ':')
}

func (e *encoder) comma() {
	if last := e.b[len(e.b)-1]; last != '{' && last != '[' {
		e.b = append(e.b, ',')
	}
}

func (e *encoder) quoted(s string) {
	e.b = append(e.b, '"')
	s, begin := strings.ToValidUTF8(s, "\uFFFD"), 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\':
			e.b = append(append(e.b, s[begin:i]...), '\\', c)
			begin = i + 1
		case c < ' ':
			e.b = hex.AppendEncode(append(append(e.b, s[begin:i]...), `\u00`...), []byte{c})
			begin = i + 1
		}
	}
	e.b = append(append(e.b, s[begin:]...), '"')
}

func (e *encoder) text(name string, v *string) {
	if *v != "" {
		e.key(name)
		e.quoted(*v)
	}
}

func (e *encoder) interned(name string, v *string) { e.text(name, v) }

func (e *encoder) texts(name string, v *[]string) {
	if len(*v) == 0 {
		return
	}
	e.key(name)
	e.b = append(e.b, '[')
	for _, s := range *v {
		e.comma()
		e.quoted(s)
	}
	e.b = append(e.b, ']')
}

func (e *encoder) bytes(name string, v *[]byte) {
	s := string(*v)
	e.text(name, &s)
}

func (e *encoder) digest(name string, v *digest) {
	if *v != (digest{}) {
		e.key(name)
		e.b = append(hex.AppendEncode(append(e.b, '"'), v[:]), '"')
	}
}

func (e *encoder) number(name string, v *int) {
	if *v != 0 {
		e.key(name)
		e.b = strconv.AppendInt(e.b, int64(*v), 10)
	}
}

func (e *encoder) flag(name string, v *bool) {
	if *v {
		e.key(name)
		e.b = append(e.b, "true"...)
	}
}

func (e *encoder) moment(name string, v *time.Time) {
	if !v.IsZero() {
		e.key(name)
		e.b = append(v.UTC().AppendFormat(append(e.b, '"'), time.RFC3339Nano), '"')
	}
}

func (e *encoder) amount(name string, v *money.Amount) {
	if *v == (money.Amount{}) {
		return
	}
	digits, currency := v.String(), string(v.Currency)
	e.text(name, &digits)
	e.text("currency", &currency)
}

func (e *encoder) open(name string, present bool) bool {
	if present {
		e.key(name)
		e.b = append(e.b, '{')
	}
	return present
}

func (e *encoder) close() { e.b = append(e.b, '}') }

func (e *encoder) list(name string, present bool) bool {
	if present {
		e.key(name)
		e.b = append(e.b, '[')
	}
	return present
}

func (e *encoder) item(present bool) bool {
	if !present {
		e.b = append(e.b, ']')
		return false
	}
	e.comma()
	e.b = append(e.b, '{')
	return true
}

func (e *encoder) beginDetails(v *refund.Details) *refund.Details { return v }

func (e *encoder) endDetails(**refund.Details) {}

func (e *encoder) fail(problem string) {
	if e.err == nil {
		e.err = fmt.Errorf("the event cannot be written: %s", problem)
	}
}
