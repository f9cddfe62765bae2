package state

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/money"
)

// codec is one direction of the ledger's JSON: writer or reader. Fields come in one fixed order and
// empty ones are left out, so that one description (wire.go) serves both and every value has
// exactly one spelling.
type codec interface {
	text(name string, v *string)
	word(name string, v *string) // a text that repeats from line to line: the reader keeps one copy
	texts(name string, v *[]string)
	bytes(name string, v *[]byte)
	digest(name string, v *digest)
	number(name string, v *int)
	flag(name string, v *bool)
	moment(name string, v *time.Time)
	amount(name string, v *money.Amount) // and its currency, in a field of that name
	open(name string, present bool) bool // an object follows, to be closed
	close()
	list(name string, present bool) bool // a list follows, its objects told by item
	item(present bool) bool              // an object follows, to be closed; false has ended the list
	fail(problem string)
}

// writer appends JSON to b, which begins with the brace of the event.
type writer struct {
	b   []byte
	err error
}

func (w *writer) key(name string) {
	w.comma()
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *writer) comma() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) quoted(s string) {
	w.b = append(w.b, '"')
	s, begin := strings.ToValidUTF8(s, "\uFFFD"), 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\':
			w.b = append(append(w.b, s[begin:i]...), '\\', c)
			begin = i + 1
		case c < ' ':
			w.b = hex.AppendEncode(append(append(w.b, s[begin:i]...), `\u00`...), []byte{c})
			begin = i + 1
		}
	}
	w.b = append(append(w.b, s[begin:]...), '"')
}

func (w *writer) text(name string, v *string) {
	if *v != "" {
		w.key(name)
		w.quoted(*v)
	}
}

func (w *writer) word(name string, v *string) { w.text(name, v) }

func (w *writer) texts(name string, v *[]string) {
	if len(*v) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for _, s := range *v {
		w.comma()
		w.quoted(s)
	}
	w.b = append(w.b, ']')
}

func (w *writer) bytes(name string, v *[]byte) {
	s := string(*v)
	w.text(name, &s)
}

func (w *writer) digest(name string, v *digest) {
	if *v != (digest{}) {
		w.key(name)
		w.b = append(hex.AppendEncode(append(w.b, '"'), v[:]), '"')
	}
}

func (w *writer) number(name string, v *int) {
	if *v != 0 {
		w.key(name)
		w.b = strconv.AppendInt(w.b, int64(*v), 10)
	}
}

func (w *writer) flag(name string, v *bool) {
	if *v {
		w.key(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *writer) moment(name string, v *time.Time) {
	if !v.IsZero() {
		w.key(name)
		w.b = append(v.UTC().AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
	}
}

func (w *writer) amount(name string, v *money.Amount) {
	if *v == (money.Amount{}) {
		return
	}
	digits, currency := v.String(), string(v.Currency)
	w.text(name, &digits)
	w.text("currency", &currency)
}

func (w *writer) open(name string, present bool) bool {
	if present {
		w.key(name)
		w.b = append(w.b, '{')
	}
	return present
}

func (w *writer) close() { w.b = append(w.b, '}') }

func (w *writer) list(name string, present bool) bool {
	if present {
		w.key(name)
		w.b = append(w.b, '[')
	}
	return present
}

func (w *writer) item(present bool) bool {
	if !present {
		w.b = append(w.b, ']')
		return false
	}
	w.comma()
	w.b = append(w.b, '{')
	return true
}

func (w *writer) fail(problem string) {
	if w.err == nil {
		w.err = fmt.Errorf("the event cannot be written: %s", problem)
	}
}
