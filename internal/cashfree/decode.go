package cashfree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"refundctl/internal/money"
)

var (
	errNotJSON     = errors.New("answer is not JSON")
	errNotList     = errors.New("answer is not a list")
	errNotObject   = errors.New("answer is not an object")
	errNoRefundID  = errors.New("no refund_id")
	errOtherRefund = errors.New("answer is about another refund")
	errTooDeep     = errors.New("answer is nested too deep")
)

// twice is the error of an answer that says two things: a key is in one object twice, or an amount
// of the refund is in two places. Nobody can say which of them counts (R18).
type twice struct{ key string }

// Error names the key.
func (e *twice) Error() string { return fmt.Sprintf("answer holds %q twice", e.key) }

// object is a JSON object of an answer: the text of each field's value. Everything in it is
// optional, and the types of its fields change with the API's version, so each field is read on
// its own. The blanks that the API leaves around some keys are gone.
type object map[string][]byte

func decodeObject(body []byte) (object, error) {
	if !json.Valid(body) {
		return nil, errNotJSON
	}
	return toObject(bytes.TrimSpace(body))
}

func decodeRows(body []byte) ([]object, error) {
	if !json.Valid(body) {
		return nil, errNotJSON
	}
	return toRows(bytes.TrimSpace(body))
}

// decodeOne reads an object or an array of exactly one: the API's pages show both for a create.
func decodeOne(body []byte) (object, error) {
	rows, err := decodeRows(body)
	switch {
	case err == errNotList:
		return toObject(bytes.TrimSpace(body))
	case err != nil:
		return nil, err
	case len(rows) != 1:
		return nil, fmt.Errorf("answer has %d rows instead of one", len(rows))
	}
	return rows[0], nil
}

// toRows, toObject and parts take valid JSON without blanks around it, or nothing.
func toRows(raw []byte) ([]object, error) {
	if len(raw) == 0 || raw[0] != '[' {
		return nil, errNotList
	}
	rows := []object{}
	for element := range parts(raw) {
		row, err := toObject(element)
		switch {
		case err == errNotObject:
			return nil, fmt.Errorf("row %d of the list is not an object", len(rows)+1)
		case err != nil:
			return nil, fmt.Errorf("row %d of the list: %w", len(rows)+1, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// toObject refuses a key that is in it, or in anything below it, twice. Keys that differ only in spaces
// around them or in case are one, as for other readers of the same answer.
func toObject(raw []byte) (object, error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, errNotObject
	}
	return objectAt(raw, 1)
}

func objectAt(raw []byte, depth int) (object, error) {
	o := make(object, len(raw)/32) // about as many fields
	var name []byte
	var odd map[string]bool // keys in another case, as all lower
	for part := range parts(raw) {
		if name == nil {
			name = part
			continue
		}
		key := strings.TrimSpace(unquote(name))
		lower := fold(key)
		if _, taken := o[lower]; taken || odd[lower] {
			return nil, &twice{key}
		}
		if lower != key {
			if odd == nil {
				odd = map[string]bool{}
			}
			odd[lower] = true
		}
		if err := single(part, depth); err != nil {
			return nil, err
		}
		o[key], name = part, nil
	}
	return o, nil
}

// mostDepth is far beyond any answer of the API.
const mostDepth = 64

// single looks for keys that are in an object twice, anywhere within a value.
func single(raw []byte, depth int) error {
	switch {
	case raw[0] != '{' && raw[0] != '[':
		return nil
	case depth == mostDepth:
		return errTooDeep
	case raw[0] == '{':
		_, err := objectAt(raw, depth+1)
		return err
	}
	for element := range parts(raw) {
		if err := single(element, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// fold makes keys equal that differ in case alone.
func fold(key string) string {
	for i := range len(key) {
		if c := key[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.ToLower(strings.ToUpper(key)) // ſ and the Kelvin sign are letters of the alphabet, too
		}
	}
	return key
}

// below reports whether an object anywhere within the fields has this key.
func (o object) below(key string) bool {
	for _, raw := range o {
		if within(raw, key) {
			return true
		}
	}
	return false
}

func within(raw []byte, key string) bool {
	if raw[0] != '{' && raw[0] != '[' {
		return false
	}
	name := raw[0] == '{'
	for part := range parts(raw) {
		if name && fold(strings.TrimSpace(unquote(part))) == key || !name && within(part, key) {
			return true
		}
		name = raw[0] == '{' && !name
	}
	return false
}

// parts cuts an array into its elements, an object into keys and values in turn. It copies
// nothing, where encoding/json would fill a map of copies by reflection: that took more of a
// read's time than the network.
func parts(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		depth, start, quoted := 0, 1, false
		for i := 0; i < len(raw); i++ {
			switch c := raw[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '[', c == '{':
				depth++
			case depth == 1 && (c == ',' || c == ':' || c == ']' || c == '}'):
				if part := bytes.TrimSpace(raw[start:i]); len(part) > 0 && !yield(part) {
					return
				}
				start = i + 1
			case c == ']', c == '}':
				depth--
			}
		}
	}
}

// text is a string, or a number in the very characters in which it came; else empty.
func (o object) text(key string) string {
	raw := o[key]
	switch {
	case len(raw) == 0:
		return ""
	case raw[0] == '"':
		return unquote(raw)
	case raw[0] == '-', '0' <= raw[0] && raw[0] <= '9':
		return string(raw)
	}
	return ""
}

// unquote reads a JSON string; most of them are the very bytes between the quotes.
func unquote(raw []byte) string {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// isNumber tells whether a text is a number as JSON writes it.
func isNumber(text string) bool {
	return text != "" && strings.IndexByte("-0123456789", text[0]) >= 0 && json.Valid([]byte(text))
}

// inner is a field that holds an object; else it is empty.
func (o object) inner(key string) object {
	inner, err := toObject(o[key])
	if err != nil {
		return nil
	}
	return inner
}

// amount is a number, or a string that holds one, in major units of c.
func (o object) amount(key string, c money.Currency) (money.Amount, error) {
	text := strings.TrimSpace(o.text(key))
	if plain, err := money.Parse(text, c); err == nil { // nearly all; the other spellings cost ten times as much
		return plain, nil
	}
	if !isNumber(text) {
		return money.Amount{}, fmt.Errorf("no readable %s", key)
	}
	return money.ParseNumber(text, c)
}

// currency is INR where none is written. A word that is not known is an error: guessing the
// decimals would be guessing the amount.
func (o object) currency(key string) (money.Currency, error) {
	raw, present := o[key]
	if !present || string(raw) == "null" || string(raw) == `""` {
		return money.INR, nil
	}
	c, err := money.ParseCurrency(o.text(key))
	if err != nil {
		return "", fmt.Errorf("no readable %s", key)
	}
	return c, nil
}

func (o object) money(amountKey, currencyKey string) (money.Amount, error) {
	c, err := o.currency(currencyKey)
	if err != nil {
		return money.Amount{}, err
	}
	return o.amount(amountKey, c)
}

// time is zero where it cannot be read.
func (o object) time(key string) time.Time {
	t, err := time.Parse(time.RFC3339, o.text(key))
	if err != nil {
		return time.Time{}
	}
	return t
}
