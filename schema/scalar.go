package schema

import (
	"cmp"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The words of YAML 1.2's core schema, by which editors and most programs read a scalar. Everything
// else is text: yes, 2026-01-15, 1_000.
var (
	numberWord = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	baseWord   = regexp.MustCompile(`^(0o[0-7]+|0x[0-9a-fA-F]+)$`)
	endless    = []string{".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN"}
)

// scalar is the value that other readers of YAML see in n, so that the contract judges here what it
// judges in an editor: a text, a number, a truth value, or nothing. What no JSON number can say, such
// as .inf, is nothing as well. A mapping, a list and an alias are no scalars.
func scalar(n *node) any {
	switch {
	case !isPlain(n) || n.Value != "" && strings.IndexByte("0123456789+-.~nNtTfF", n.Value[0]) < 0:
		return n.Value
	case isNull(n) || slices.Contains(endless, n.Value):
		return nil
	case isTruth(n):
		return strings.EqualFold(n.Value, "true")
	case numberWord.MatchString(n.Value):
		return numberOf(n.Value)
	case baseWord.MatchString(n.Value) && len(n.Value) <= longestNumber:
		i, _ := new(big.Int).SetString(n.Value, 0)
		return json.Number(i.String())
	}
	return n.Value
}

// isTruth reports whether n is an unquoted true or false.
func isTruth(n *node) bool {
	return n.Kind == scalarNode && isPlain(n) && slices.Contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, n.Value)
}

// isWord reports whether n is an unquoted word that YAML reads as no text: null, ~, true or false.
func isWord(n *node) bool { return isTruth(n) || isNull(n) && n.Value != "" }

// A longer number, or one of a higher power, is none that other programs can hold.
const longestNumber, highestPower = 400, 308

// numberOf is a decimal number as JSON writes it; nothing where it is too large or too long for one.
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

// powerOf reads an exponent, which may be empty; one of more than three digits is too much.
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

// isNumber accepts short JSON numbers without an exponent.
func isNumber(text string) bool { return plainNumber.MatchString(text) }

// spelling holds the characters of an unquoted number against what its field says of texts, since they
// are what is sent; where the field takes no text, against how a whole number is written. The contract
// itself sees no more than the number's value.
func spelling(n *node, s *contract) []failure {
	if wantsText(s) {
		ofText := func(f failure) bool { return slices.Contains(textKeywords, f.keyword) }
		return slices.DeleteFunc(check(s, n.Value), func(f failure) bool { return !ofText(f) })
	}
	if s != nil && (!isNumber(n.Value) || firstType(s) == "integer" && strings.Contains(n.Value, ".")) {
		return []failure{{keyword: "type", schema: s.Location}}
	}
	return nil
}

// textKeywords are those of draft-07 that are about texts alone, and not, which may hold them.
var textKeywords = []string{"pattern", "minLength", "maxLength", "format", "not"}
