package state

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"refundctl/internal/money"
)

// writer appends JSON to b, which begins with the brace of the event.
type encoder struct {
	b   []byte
	err error
}

func (w *encoder) key(name string) {
	w.comma()
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *encoder) comma() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *encoder) quoted(s string) {
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

func (w *encoder) text(name string, v *string) {
	if *v != "" {
		w.key(name)
		w.quoted(*v)
	}
}

func (w *encoder) interned(name string, v *string) { w.text(name, v) }

func (w *encoder) texts(name string, v *[]string) {
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

func (w *encoder) bytes(name string, v *[]byte) {
	s := string(*v)
	w.text(name, &s)
}

func (w *encoder) digest(name string, v *digest) {
	if *v != (digest{}) {
		w.key(name)
		w.b = append(hex.AppendEncode(append(w.b, '"'), v[:]), '"')
	}
}

func (w *encoder) number(name string, v *int) {
	if *v != 0 {
		w.key(name)
		w.b = strconv.AppendInt(w.b, int64(*v), 10)
	}
}

func (w *encoder) flag(name string, v *bool) {
	if *v {
		w.key(name)
		w.b = append(w.b, "true"...)
	}
}

func (w *encoder) moment(name string, v *time.Time) {
	if !v.IsZero() {
		w.key(name)
		w.b = append(v.UTC().AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
	}
}

func (w *encoder) amount(name string, v *money.Amount) {
	if *v == (money.Amount{}) {
		return
	}
	digits, currency := v.String(), string(v.Currency)
	w.text(name, &digits)
	w.text("currency", &currency)
}

func (w *encoder) open(name string, present bool) bool {
	if present {
		w.key(name)
		w.b = append(w.b, '{')
	}
	return present
}

func (w *encoder) close() { w.b = append(w.b, '}') }

func (w *encoder) list(name string, present bool) bool {
	if present {
		w.key(name)
		w.b = append(w.b, '[')
	}
	return present
}

func (w *encoder) item(present bool) bool {
	if !present {
		w.b = append(w.b, ']')
		return false
	}
	w.comma()
	w.b = append(w.b, '{')
	return true
}

func (w *encoder) fail(problem string) {
	if w.err == nil {
		w.err = fmt.Errorf("the event cannot be written: %s", problem)
	}
}
