package cashfree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"refundctl/internal/money"
)

var (
	errNotJSON     = errors.New("answer is not JSON")
	errNotList     = errors.New("answer is not a list")
	errNotObject   = errors.New("answer is not an object")
	errForeign     = errors.New("the answer has none of the expected fields")
	errNoRefundID  = errors.New("no refund_id")
	errOtherRefund = errors.New("answer is about another refund")
	errTooDeep     = errors.New("answer is nested too deeply")
)

// duplicateKey is the error of an ambiguous answer: an object contains a key twice, or the refund
// contains a second amount. It is unknown which of the two counts (R18).
type duplicateKey struct{ key string }

// Error names the key.
func (e *duplicateKey) Error() string { return fmt.Sprintf("answer contains %q twice", e.key) }

// object is a JSON object of an answer: the raw value of each field. Every field is optional and its
// type depends on the API's version, so each is read on its own. Keys are without the spaces that
// the API leaves around some of them.
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

// decodeOne reads an object, or an array of exactly one. The API's pages show both for a create.
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

// toRows, toObject and parts take valid JSON without spaces around it, or nothing.
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

// toObject returns a *duplicateKey if the object, or anything in it, contains a key twice. Keys that
// differ only in case or in spaces around them are the same, as they are for other readers.
func toObject(raw []byte) (object, error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, errNotObject
	}
	return objectAt(raw, 1)
}

func objectAt(raw []byte, depth int) (object, error) {
	o := make(object, len(raw)/32) // an estimate of the number of fields
	var name []byte
	var odd map[string]bool // keys that are not in lower case, folded
	for part := range parts(raw) {
		if name == nil {
			name = part
			continue
		}
		key := strings.TrimSpace(unquote(name))
		lower := fold(key)
		if _, taken := o[lower]; taken || odd[lower] {
			return nil, &duplicateKey{key}
		}
		if lower != key {
			if odd == nil {
				odd = map[string]bool{}
			}
			odd[lower] = true
		}
		if err := checkKeys(part, depth); err != nil {
			return nil, err
		}
		o[key], name = part, nil
	}
	return o, nil
}

// mostDepth is far beyond any answer of the API.
const mostDepth = 64

// checkKeys returns a *duplicateKey if any object in a value contains a key twice.
func checkKeys(raw []byte, depth int) error {
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
		if err := checkKeys(element, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// fold makes keys that differ only in case equal.
func fold(key string) string {
	for i := range len(key) {
		if c := key[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.ToLower(strings.ToUpper(key)) // also folds ſ to s and the Kelvin sign to k
		}
	}
	return key
}

// nested reports whether any object in the values of the fields has this key.
func (o object) nested(key string) bool {
	for _, raw := range o {
		if containsKey(raw, key) {
			return true
		}
	}
	return false
}

func containsKey(raw []byte, key string) bool {
	if raw[0] != '{' && raw[0] != '[' {
		return false
	}
	name := raw[0] == '{'
	for part := range parts(raw) {
		if name && fold(strings.TrimSpace(unquote(part))) == key || !name && containsKey(part, key) {
			return true
		}
		name = raw[0] == '{' && !name
	}
	return false
}

// parts yields the elements of an array, or the keys and values of an object in turn. It copies
// nothing. encoding/json, which fills a map of copies by reflection, took longer than the network.
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

// text returns a string, or a number exactly as it was written, or "".
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

// unquote decodes a JSON string. Most have no escapes and are the bytes between the quotes.
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

// isNumber reports whether a text is a JSON number.
func isNumber(text string) bool {
	return text != "" && strings.IndexByte("-0123456789", text[0]) >= 0 && json.Valid([]byte(text))
}

// inner returns a field that is an object, or an empty object.
func (o object) inner(key string) object {
	inner, err := toObject(o[key])
	if err != nil {
		return nil
	}
	return inner
}

// amount reads a number, or a string that contains one, in major units of c.
func (o object) amount(key string, c money.Currency) (money.Amount, error) {
	text := strings.TrimSpace(o.text(key))
	if plain, err := money.Parse(text, c); err == nil { // nearly always; the other spellings cost ten times as much
		return plain, nil
	}
	if !isNumber(text) {
		return money.Amount{}, fmt.Errorf("no readable %s%s", key, o.written(key))
	}
	amount, err := money.ParseNumber(text, c)
	if err != nil {
		return money.Amount{}, fmt.Errorf("%s: %w", key, err)
	}
	return amount, nil
}

// written returns what the answer has in a field, cut and in quotes, after a colon; "" if it has no such field.
func (o object) written(key string) string {
	const most = 60
	raw, given := o[key]
	if !given {
		return ""
	}
	text := strings.ToValidUTF8(string(raw), "\uFFFD")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf(": %q", text)
}

// has reports whether the object has any of the keys.
func (o object) has(keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { _, given := o[key]; return given })
}

// currency returns INR if the field is missing. An unknown currency is an error: guessing its decimals
// would be guessing the amount.
func (o object) currency(key string) (money.Currency, error) {
	raw, present := o[key]
	if !present || string(raw) == "null" || string(raw) == `""` {
		return money.INR, nil
	}
	c, err := money.ParseCurrency(o.text(key))
	if err != nil {
		return "", fmt.Errorf("no readable %s%s", key, o.written(key))
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

// time returns the zero time if the field is not a readable time.
func (o object) time(key string) time.Time {
	t, err := time.Parse(time.RFC3339, o.text(key))
	if err != nil {
		return time.Time{}
	}
	return t
}
