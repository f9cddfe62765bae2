package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"refundctl/internal/refund"
)

// The fields that a column can be, by their names in manifests.
const (
	fieldOrder        = "order_id"
	fieldSubscription = "subscription_id"
	fieldPayment      = "payment_id"
	fieldRefund       = "refund_id"
	fieldAmount       = "refund_amount"
	fieldCurrency     = "refund_currency"
	fieldNote         = "refund_note"
	fieldSpeed        = "refund_speed"
	fieldType         = "refund_type"
	labelPrefix       = "labels."
)

// field is one of them with the names that people give its column, as plain writes them.
type field struct {
	name  string
	kinds []refund.Kind // that have it; nil: all
	names []string
}

var fields = []field{
	{fieldOrder, []refund.Kind{refund.Order}, []string{"orderid", "order", "orderno", "ordernumber", "orderref", "orderreference",
		"merchantorderid", "merchantorderno", "merchantordernumber"}},
	{fieldSubscription, []refund.Kind{refund.Subscription}, []string{"subscriptionid", "subscription", "subscriptionno", "subscriptionnumber", "merchantsubscriptionid"}},
	{fieldPayment, []refund.Kind{refund.Subscription, refund.Payment}, []string{"paymentid", "payment", "paymentno", "paymentnumber", "merchantpaymentid"}},
	{fieldRefund, nil, []string{"refundid", "refundno", "refundnumber", "merchantrefundid"}},
	{fieldAmount, nil, []string{"refundamount", "amount", "amt", "refundamt", "refundvalue", "amounttorefund", "amounttoberefunded", "refundableamount"}},
	{fieldCurrency, nil, []string{"refundcurrency", "currency", "currencycode"}},
	{fieldNote, nil, []string{"refundnote", "note", "notes", "reason", "refundreason", "reasonforrefund", "remark", "remarks", "refundremarks",
		"comment", "comments"}},
	{fieldSpeed, nil, []string{"refundspeed", "speed"}},
	{fieldType, []refund.Kind{refund.Payment}, []string{"refundtype"}},
}

// plain is a column's name without case, blanks, underscores and what stands in brackets.
func plain(name string) string {
	name, _, _ = strings.Cut(name, "(")
	name, _, _ = strings.Cut(name, "[")
	return Letters(name)
}

// Letters are the letters and digits of a name, in small ones: what counts where names are compared.
func Letters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// foreign is a currency in brackets that the amounts would be of. Its rows would be read as rupees.
var foreign = regexp.MustCompile(`(?i)[(\[][^)\]]*(paise|paisa|usd|eur|gbp|aed|sgd|\$|€|£)[^)\]]*[)\]]`)

// rupees is all that brackets behind a bare Amount may say. Amount (paid) is what came in, not what
// goes back.
var (
	rupees      = regexp.MustCompile(`(?i)^[^(\[]*([(\[]\s*((in\s+)?(₹|rs\.?|inr|rupees)|(to )?refund)\s*[)\]]\s*)?$`)
	bareAmounts = []string{"amount", "amt"}
)

// fieldOf is what a column of that name is, for an account that refunds these kinds.
func (o Options) fieldOf(name string) string {
	word := plain(name)
	for _, f := range fields {
		if f.kinds != nil && !slices.ContainsFunc(f.kinds, func(k refund.Kind) bool { return slices.Contains(o.Kinds, k) }) {
			continue
		}
		if f.name != fieldAmount {
			if slices.Contains(f.names, word) {
				return f.name
			}
			continue
		}
		if slices.Contains(f.names, inRupees(word)) && isRefunded(name) {
			return f.name
		}
	}
	return ""
}

// isRefunded tells whether a column of amounts, by its brackets, can be rupees that go back.
func isRefunded(name string) bool {
	if isBareAmount(name) {
		return rupees.MatchString(name)
	}
	return !foreign.MatchString(name)
}

// isBareAmount tells whether a column of amounts does not say whether they came in or go back.
func isBareAmount(name string) bool { return slices.Contains(bareAmounts, inRupees(plain(name))) }

var refunded = regexp.MustCompile(`^(to|be|is|final|net|total|partial|approved|actual|eligible|amount|amt)*refund(s|ed|able)?(amount|amt|value|total|due|payable|approved|inr|inrs|inrupees|rs)*$`)

// isRefund tells whether a column seems to say how much goes back.
func isRefund(name string) bool { return refunded.MatchString(plain(name)) }

// inRupees takes away what only says that an amount is in rupees.
func inRupees(word string) string {
	for _, unit := range []string{"inrupees", "ininr", "inrs", "rupees", "inr", "rs"} {
		if rest, found := strings.CutSuffix(word, unit); found {
			return rest
		}
	}
	return word
}

var labelName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

func (o Options) isField(name string) bool {
	label, isLabel := strings.CutPrefix(name, labelPrefix)
	return isLabel && labelName.MatchString(label) && (label != BatchLabel || o.Batch == "") || slices.Contains(o.fieldNames(), name)
}

func (o Options) fieldNames() (names []string) {
	for _, f := range fields {
		if f.kinds == nil || slices.ContainsFunc(f.kinds, func(k refund.Kind) bool { return slices.Contains(o.Kinds, k) }) {
			names = append(names, f.name)
		}
	}
	return names
}
