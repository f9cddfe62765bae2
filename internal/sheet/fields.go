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
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// foreign is a currency in brackets that the amounts would be of. Its rows would be read as rupees.
var foreign = regexp.MustCompile(`(?i)[(\[][^)\]]*(paise|paisa|usd|eur|gbp|aed|sgd|\$|€|£)[^)\]]*[)\]]`)

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
		if slices.Contains(f.names, inRupees(word)) && !foreign.MatchString(name) {
			return f.name
		}
	}
	return ""
}

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
