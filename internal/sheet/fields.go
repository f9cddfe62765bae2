package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"refundctl/internal/refund"
)

// The fields that a column can map to, by their names in manifests.
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

// field is a field with the names that people give its column, in the form of plain.
type field struct {
	name  string
	kinds []refund.Kind // kinds that have it; nil means all
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

// plain returns a column's name in lower case, without spaces, underscores and text in brackets.
func plain(name string) string {
	name, _, _ = strings.Cut(name, "(")
	name, _, _ = strings.Cut(name, "[")
	return Letters(name)
}

// Letters returns the letters and digits of a name in lower case, by which names are compared.
func Letters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// foreign matches a currency or unit in brackets whose amounts must not be read as rupees.
var foreign = regexp.MustCompile(`(?i)[(\[][^)\]]*(paise|paisa|usd|eur|gbp|aed|sgd|\$|€|£)[^)\]]*[)\]]`)

// rupees is all that brackets after a bare "Amount" may contain. "Amount (paid)" is what the customer
// paid, not what to refund.
var (
	rupees      = regexp.MustCompile(`(?i)^[^(\[]*([(\[]\s*((in\s+)?(₹|rs\.?|inr|rupees)|(to )?refund)\s*[)\]]\s*)?$`)
	bareAmounts = []string{"amount", "amt"}
)

// fieldOf returns the field of a column with this name, or "".
func (o Options) fieldOf(name string) string {
	word := plain(name)
	for _, f := range fields {
		if !o.has(f) {
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

// isRefunded reports whether the brackets after the name of a column of amounts allow that it contains
// the rupees to refund.
func isRefunded(name string) bool {
	if isBareAmount(name) {
		return rupees.MatchString(name)
	}
	return !foreign.MatchString(name)
}

// isBareAmount reports whether a name does not say if the amounts were paid or are to be refunded.
func isBareAmount(name string) bool { return slices.Contains(bareAmounts, inRupees(plain(name))) }

var refunded = regexp.MustCompile(`^(to|be|is|final|net|total|partial|approved|actual|eligible|amount|amt)*refund(s|ed|able)?(amount|amt|value|total|due|payable|approved|inr|inrs|inrupees|rs)*$`)

// isRefund reports whether a column seems to contain the amount to refund.
func isRefund(name string) bool { return refunded.MatchString(plain(name)) }

// inRupees removes a suffix that only says that an amount is in rupees.
func inRupees(word string) string {
	for _, unit := range []string{"inrupees", "ininr", "inrs", "rupees", "inr", "rs"} {
		if rest, found := strings.CutSuffix(word, unit); found {
			return rest
		}
	}
	return word
}

var labelName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)

// has reports whether a kind of the account has the field.
func (o Options) has(f field) bool {
	return f.kinds == nil || slices.ContainsFunc(f.kinds, func(k refund.Kind) bool { return slices.Contains(o.Kinds, k) })
}

func (o Options) isField(name string) bool {
	label, isLabel := strings.CutPrefix(name, labelPrefix)
	return isLabel && labelName.MatchString(label) && (label != BatchLabel || o.Batch == "") || slices.Contains(o.fieldNames(), name)
}

func (o Options) fieldNames() (names []string) {
	for _, f := range fields {
		if o.has(f) {
			names = append(names, f.name)
		}
	}
	return names
}
