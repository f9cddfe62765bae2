package yamltree

import (
	"cmp"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The unquoted words of YAML 1.2's core schema, which editors and most programs follow. Everything else is
// text: yes, 2026-01-15, 1_000.
var (
	numberWord = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	baseWord   = regexp.MustCompile(`^(0o[0-7]+|0x[0-9a-fA-F]+)$`)
	endless    = []string{".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"}
)

// ScalarValue returns the JSON value that other YAML readers see in n, so that a schema gives the same verdict
// here and in an editor: a string, a json.Number, a bool, or nil. It is also nil for what no JSON number can
// express, such as .inf. n must not be a mapping, a list or an alias.
func ScalarValue(n *Node) any {
	switch {
	case !IsPlain(n) || n.Value != "" && strings.IndexByte("0123456789+-.~nNtTfF", n.Value[0]) < 0:
		return n.Value
	case IsNull(n) || slices.Contains(endless, n.Value):
		return nil
	case IsBool(n):
		return strings.EqualFold(n.Value, "true")
	case numberWord.MatchString(n.Value):
		return numberOf(n.Value)
	case baseWord.MatchString(n.Value) && len(n.Value) <= longestNumber:
		i, _ := new(big.Int).SetString(n.Value, 0)
		return json.Number(i.String())
	}
	return n.Value
}

// IsBool reports whether n is an unquoted true or false.
func IsBool(n *Node) bool {
	return n.Kind == ScalarNode && IsPlain(n) && slices.Contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, n.Value)
}

// IsKeyword reports whether n is an unquoted word that YAML does not read as text: null, ~, true or false.
func IsKeyword(n *Node) bool { return IsBool(n) || IsNull(n) && n.Value != "" }

// Other programs cannot represent a longer number, or one of a higher power.
const longestNumber, highestPower = 400, 308

// numberOf returns a decimal number as JSON writes it; nil if it is too large or too long.
func numberOf(text string) any {
	digits, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(strings.TrimLeft(digits, "+-"), ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	power, tooMuch := powerOf(exponent)
	switch {
	case len(text) > longestNumber:
		return nil
	case whole+fraction == "" || tooMuch && power < 0:
		return json.Number("0")
	case tooMuch || len(whole)+power > highestPower:
		return nil
	}
	number := cmp.Or(whole, "0")
	if fraction != "" {
		number += "." + fraction
	}
	if strings.HasPrefix(digits, "-") {
		number = "-" + number
	}
	if power != 0 {
		number += "e" + strconv.Itoa(power)
	}
	return json.Number(number)
}

// powerOf reads an exponent, which may be empty. One of more than three digits is too much.
func powerOf(exponent string) (power int, tooMuch bool) {
	size := strings.TrimLeft(strings.TrimLeft(exponent, "+-"), "0")
	if tooMuch = len(size) > 3; tooMuch {
		size = "999"
	}
	power, _ = strconv.Atoi(cmp.Or(size, "0")) // at most three digits
	if strings.HasPrefix(exponent, "-") {
		power = -power
	}
	return power, tooMuch
}

var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,9})?$`)

// IsPlainNumber reports whether text is a short JSON number without an exponent.
func IsPlainNumber(text string) bool { return plainNumber.MatchString(text) }
