package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
)

// writeJSON writes one document on one line.
func writeJSON(w io.Writer, document any) error {
	line, err := encode(document)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// encode renders JSON whose strings hold no invisible character either: machine output is looked at
// on terminals too. Any JSON reader gets the same text back.
func encode(document any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(document); err != nil {
		return nil, fmt.Errorf("encoding the output: %w", err)
	}
	return shown(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// shown writes invisible characters as \u and four digits. encoding/json did so with those below
// the blank, and what is left of them stands inside of strings.
func shown(text []byte) []byte {
	if !bytes.ContainsFunc(text, func(r rune) bool { return !visible(r) }) {
		return text
	}
	out := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case visible(r):
			out = append(out, text[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	return out
}

// moment is a time that may be unknown: null then.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

type tallyJSON struct {
	Count   int                       `json:"count"`
	Amounts map[money.Currency]string `json:"amounts"`
}

func tallyOf(t plan.Tally) tallyJSON {
	amounts := make(map[money.Currency]string, len(t.Amounts))
	for _, a := range t.Amounts {
		amounts[a.Currency] = a.String()
	}
	return tallyJSON{t.Count, amounts}
}

type splitJSON struct {
	VendorID string `json:"vendor_id"`
	Amount   string `json:"amount"`
}

func splitsOf(splits []refund.Split) []splitJSON {
	out := make([]splitJSON, 0, len(splits))
	for _, s := range splits {
		out = append(out, splitJSON{s.VendorID, s.Amount.String()})
	}
	return out
}

// requestJSON holds the exact bytes of the body, as a string.
type requestJSON struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   string `json:"body"`
}

func requestOf(r *refund.Request) *requestJSON {
	if r == nil {
		return nil
	}
	return &requestJSON{r.Method, r.Path, string(r.Body)}
}

func placeOf(p diag.Place) *diag.Place {
	if p == (diag.Place{}) {
		return nil
	}
	return &p
}
