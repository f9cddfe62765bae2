package cashfree

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"refundctl/internal/refund"
	"refundctl/schema/sensitive"
)

// details reads the facts that only explain a refund. None of them makes an answer unreadable: a fact of
// another type is kept as the JSON that it is. Charges of zero are omitted, since nearly all refunds have them.
func (o object) details() refund.Details {
	d := refund.Details{
		Description: o.fact("status_description"),
		Speed:       o.speed(),
		Charge:      o.charge("refund_charge"),
		ForexCharge: o.charge("forex_conversion_handling_charge"),
		ForexTax:    o.charge("forex_conversion_handling_tax"),
		ForexRate:   o.charge("forex_conversion_rate"),
		Shares:      o.shares(),
		Metadata:    o.metadata(),
	}
	if d.Charge+d.ForexCharge+d.ForexTax+d.ForexRate != "" {
		d.ChargesCurrency = o.fact("charges_currency")
	}
	return d
}

// fact returns a text or number as text does, the JSON of any other value, and "" for null.
func (o object) fact(key string) string {
	raw := o[key]
	switch {
	case len(raw) == 0, string(raw) == "null":
		return ""
	case raw[0] == '{', raw[0] == '[', raw[0] == 't', raw[0] == 'f':
		var b bytes.Buffer
		_ = json.Compact(&b, raw) // it is valid JSON
		return b.String()
	}
	return o.text(key)
}

// charge returns a fact that is not zero.
func (o object) charge(key string) string {
	text := o.fact(key)
	if strings.Trim(text, "0.") == "" {
		return ""
	}
	return text
}

// shares returns the splits as a text if one of them is a percentage. Such splits are not compared with
// amounts: what a percentage refers to is not documented for refunds.
func (o object) shares() string {
	rows, err := toRows(o["refund_splits"])
	if err != nil || !slices.ContainsFunc(rows, func(row object) bool { return row.fact("percentage") != "" }) {
		return ""
	}
	var texts []string
	for _, row := range rows {
		text := row.fact("vendor_id")
		if percentage := row.fact("percentage"); percentage != "" {
			text += " " + percentage + "%"
		}
		if amount := row.fact("amount"); amount != "" {
			text += " " + amount
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// mostPairs is how many pairs of the metadata are kept. The API documents at most five.
const mostPairs = 20

// metadata returns the pairs as a JSON object with sorted keys. The values belong to the merchant and may
// contain anything; they end up in the ledger, which Git keeps forever. So what looks like personal data or
// a secret is left out, as manifests refuse it.
func (o object) metadata() string {
	pairs, err := toObject(o["metadata"])
	if err != nil {
		return withoutPersonal("", o.fact("metadata"))
	}
	kept := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if value := pairs.fact(key); value != "" && len(kept) < mostPairs {
			kept[cut(key)] = cut(withoutPersonal(key, value))
		}
	}
	if len(kept) == 0 {
		return ""
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(kept) // a map of texts
	return strings.TrimSpace(b.String())
}

const redacted = "[redacted]"

func withoutPersonal(key, value string) string {
	if sensitive.NamesSecret(key) || len(sensitive.Find(value)) > 0 || len(sensitive.Find(key)) > 0 {
		return redacted
	}
	return value
}
