package money

import (
	"fmt"
	"strings"
)

// spelling returns what is wrong with a written amount and, if the digits leave no doubt, what to write
// instead. An empty problem means that nothing is wrong.
func spelling(text string, c Currency) (problem, instead string) {
	if text == "" {
		return "is empty", ""
	}
	whole, frac, point := strings.Cut(text, ".")
	switch {
	case strings.ContainsAny(text, "eE") && strings.Trim(text, "0123456789.eE+-") == "":
		return "must be written without an exponent", ""
	case strings.ContainsAny(text, "+-"):
		return "must have no sign", ""
	case strings.ContainsAny(text, ","):
		return "must have no thousands separators", unmarked(text, c)
	case strings.ContainsAny(text, "_"):
		return "must have no underscores", strings.ReplaceAll(text, "_", "")
	case len(text) > 2 && text[0] == '0' && strings.ContainsAny(text[1:2], "xXoObB"):
		return "must be written in decimal digits", ""
	case strings.Trim(text, "0123456789.") != "" || strings.Contains(frac, "."):
		return "is not a number: write digits and at most one point", ""
	case whole == "":
		return "must have a digit before the point", "0" + text
	case point && frac == "":
		return "must have a digit after the point", whole
	case len(whole) > 1 && whole[0] == '0':
		return "must not begin with a zero", plain(text)
	case point && c.Decimals() == 0:
		return fmt.Sprintf("has decimals, but %s has none", c), ""
	case len(frac) > c.Decimals():
		return fmt.Sprintf("has %d decimals, but %s has %d", len(frac), c, c.Decimals()), ""
	}
	return "", ""
}

// offer drops a suggestion that would be refused itself.
func offer(text string, c Currency) string {
	if text == "" {
		return ""
	}
	if _, err := Parse(text, c); err != nil {
		return ""
	}
	return text
}

// unmarked removes commas that can only be thousands separators. 1,50 is ambiguous: suggesting 150 could
// be a hundred times the intended amount.
func unmarked(text string, c Currency) string {
	whole, _, point := strings.Cut(text, ".")
	if len(whole)-strings.LastIndex(whole, ",") != len(",000") || !point && c.Decimals() == 3 {
		return ""
	}
	return strings.ReplaceAll(text, ",", "")
}

func plain(text string) string {
	text = strings.TrimLeft(text, "0")
	if text == "" || text[0] == '.' {
		text = "0" + text
	}
	return text
}
