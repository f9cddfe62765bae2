// Package sensitive finds personal data and secrets in short texts: what must not be committed to Git, and
// what a message must not repeat. It never returns what it found in full: see Finding.Masked.
//
// Package schema checks notes, labels and ids with it, and package yamltree the words that messages quote.
package sensitive

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Secret is what a Finding of a secret is called.
const Secret = "a secret"

// Finding is personal data, or a secret, in a text.
type Finding struct {
	What string // in words, with its article: a phone number
	text string
}

// Masked shows enough to find it: its first two characters and its length.
func (f Finding) Masked() string {
	first := f.text
	for i := range f.text {
		if utf8.RuneCountInString(f.text[:i]) == 2 {
			first = f.text[:i]
			break
		}
	}
	return fmt.Sprintf("%s… (%d characters)", first, utf8.RuneCountInString(f.text))
}

var (
	emailForm = regexp.MustCompile(`[\pL0-9._%+'-]+@[\pL0-9-]+(\.[\pL0-9-]+)*\.\pL{2,}`)
	upiForm   = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._-]{2,}@[A-Za-z]{2,}[A-Za-z0-9]*`)
	panForm   = regexp.MustCompile(`(?i)(?:^|[^A-Z0-9])([A-Z]{5}[0-9]{4}[A-Z])(?:$|[^A-Z0-9])`)
	plusForm  = regexp.MustCompile(`\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}`)
	indiaForm = regexp.MustCompile(`(?:^|[^0-9A-Za-z.])((?:(?:00)?91[ -]?|0)?[6-9][0-9]{4}[ -]?[0-9]{5})(?:$|[^0-9A-Za-z])`)
	indiaOdd  = regexp.MustCompile(`(?:^|[^0-9A-Za-z.])((?:(?:00)?91[ -]?|0)?[6-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{4})(?:$|[^0-9A-Za-z])`)
	cardForm  = regexp.MustCompile(`[0-9](?:[ -]?[0-9]){12,}`)
	refCode   = regexp.MustCompile(`[A-Za-z0-9]+[-_/#]$`)
	phoneWord = regexp.MustCompile(`(?i)(?:^|[^a-z])(?:ph|phone|mob|mobile|tel|cell|call|contact|whatsapp|wa|no)[-_/#]$`)
)

// longestSearched bounds the work: a longer text is refused for its length anyway.
const longestSearched = 1000

// Find returns the e-mail addresses, UPI addresses, phone, PAN and card numbers, and secrets in text. Most
// texts contain nothing that could be one of them, which one pass shows.
func Find(text string) []Finding {
	text = strings.Map(plain, text[:min(len(text), longestSearched)])
	var found []Finding
	if ContainsSecret(text) {
		found = append(found, Finding{Secret, text})
	}
	if strings.Contains(text, "@") {
		var known []Finding
		known, text = addresses(text)
		found = append(found, known...)
	}
	if HasLongNumber(text) {
		found = append(found, numbers(text)...)
	}
	return found
}

// plain returns the ASCII character that a reader takes r for: r may be a digit of any script, a full-width
// letter or sign, or a space or dash of another width.
func plain(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		return r
	case 0xFF01 <= r && r <= 0xFF5E:
		return r - 0xFF01 + '!'
	case unicode.IsDigit(r):
		return digit(r)
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Pd, r):
		return '-'
	}
	return r
}

// digit counts from the zero of r's script: Unicode has each script's ten digits in a row, and some of these
// rows side by side.
func digit(r rune) rune {
	value := rune(0)
	for unicode.IsDigit(r - value - 1) {
		value++
	}
	return '0' + value%10
}

// HasLongNumber reports whether text could contain a PAN, which has four digits between letters, or a phone or
// card number, which has ten digits or, after a +, eight.
func HasLongNumber(text string) bool {
	letters, digits, group, least := 0, 0, 0, 10
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			digits++
			group++
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			if letters == 5 && group == 4 {
				return true
			}
			if group > 0 {
				letters = 0
			}
			letters++
			digits, group = 0, 0
		case c == '+':
			least = 8
		default:
			letters, group = 0, 0
			if !strings.ContainsRune(" -.()", rune(c)) {
				digits = 0
			}
		}
		if digits >= least {
			return true
		}
	}
	return false
}

// addresses also returns the text without the addresses that it found.
func addresses(text string) (found []Finding, rest string) {
	for _, m := range emailForm.FindAllString(text, -1) {
		found = append(found, Finding{"an e-mail address", m})
		text = strings.ReplaceAll(text, m, " ")
	}
	for _, m := range upiForm.FindAllString(text, -1) {
		local, _, _ := strings.Cut(m, "@")
		if len(local) >= 10 || strings.Trim(local, "0123456789.-") != "" { // 100@Rs50 is a price
			found = append(found, Finding{"a UPI address", m})
			text = strings.ReplaceAll(text, m, " ")
		}
	}
	return found, text
}

// FindNumbers returns the PAN, phone and card numbers in an id, which cannot contain an address.
func FindNumbers(id string) []Finding {
	if len(id) > longestSearched || !HasLongNumber(id) {
		return nil
	}
	return numbers(id)
}

func numbers(text string) []Finding {
	var found []Finding
	if m := panForm.FindStringSubmatch(text); m != nil {
		found = append(found, Finding{"a PAN", m[1]})
	}
	if card := cardNumber(text); card != "" {
		return append(found, Finding{"a card number", card})
	}
	if phone := phoneNumber(text); phone != "" {
		found = append(found, Finding{"a phone number", phone})
	}
	return found
}

// phoneNumber finds an international number, which begins with +, or an Indian mobile number. Ten digits
// attached to a word, as in ORD-9876543210, count as a reference, unless the word means a phone.
func phoneNumber(text string) string {
	if m := plusForm.FindString(text); m != "" {
		return m
	}
	for _, form := range []*regexp.Regexp{indiaForm, indiaOdd} {
		for _, at := range form.FindAllStringSubmatchIndex(text, -1) {
			before := text[:at[2]]
			if !refCode.MatchString(before) || phoneWord.MatchString(before) {
				return text[at[2]:at[3]]
			}
		}
	}
	return ""
}

// cardNumber finds 13 to 19 digits, alone or in groups, that are in the range of a card network and whose check
// digit is right.
func cardNumber(text string) string {
	for _, m := range cardForm.FindAllString(text, -1) {
		groups := strings.FieldsFunc(m, func(r rune) bool { return r == ' ' || r == '-' })
		for i := range groups {
			digits := ""
			for _, g := range groups[i:] {
				if digits += g; len(digits) > longestCard {
					break
				}
				if cardLength(digits) && luhn(digits) {
					return digits
				}
			}
		}
	}
	return ""
}

// cardRanges lists the first six digits that networks use, and how long their numbers are.
var cardRanges = []struct {
	from, to       string
	shortest, most int
}{
	{"222100", "272099", 16, 16}, // Mastercard
	{"300000", "305999", 14, 19}, // Diners Club
	{"340000", "349999", 15, 15}, // American Express
	{"352800", "358999", 16, 19}, // JCB
	{"360000", "369999", 14, 19}, // Diners Club
	{"370000", "379999", 15, 15}, // American Express
	{"380000", "399999", 14, 19}, // Diners Club
	{"400000", "499999", 13, 19}, // Visa
	{"500000", "509999", 13, 19}, // Maestro, RuPay
	{"510000", "559999", 16, 16}, // Mastercard
	{"560000", "699999", 13, 19}, // Maestro, Discover, RuPay, UnionPay
}

const longestCard = 19

func cardLength(digits string) bool {
	if len(digits) < 13 {
		return false
	}
	for _, r := range cardRanges {
		if r.from <= digits[:6] && digits[:6] <= r.to && r.shortest <= len(digits) && len(digits) <= r.most {
			return true
		}
	}
	return false
}

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}
