package plan

import (
	"encoding/json"
	"strings"

	"refundctl/internal/refund"
)

// DetailsJSON has a refund's details under the API's field names, without those that are not known. It is
// embedded in the documents about a refund. split_shares is a text, because percentages are not amounts.
type DetailsJSON struct {
	Description     string          `json:"status_description,omitempty"`
	Speed           *speedJSON      `json:"refund_speed,omitempty"`
	Charge          string          `json:"refund_charge,omitempty"`
	ForexCharge     string          `json:"forex_conversion_handling_charge,omitempty"`
	ForexTax        string          `json:"forex_conversion_handling_tax,omitempty"`
	ForexRate       string          `json:"forex_conversion_rate,omitempty"`
	ChargesCurrency string          `json:"charges_currency,omitempty"`
	Shares          string          `json:"split_shares,omitempty"`
	Metadata        json.RawMessage `json:"metadata,omitempty"` // an object, or a text if the API reports something else
}

// DetailsOf converts details; none gives nil.
func DetailsOf(d *refund.Details) *DetailsJSON {
	if d == nil || *d == (refund.Details{}) {
		return nil
	}
	out := &DetailsJSON{Description: d.Description, Charge: d.Charge, ForexCharge: d.ForexCharge, ForexTax: d.ForexTax, ForexRate: d.ForexRate,
		ChargesCurrency: d.ChargesCurrency, Shares: d.Shares}
	if d.Speed != (refund.Speed{}) {
		out.Speed = new(speedJSON(d.Speed))
	}
	switch {
	case strings.HasPrefix(d.Metadata, "{") && json.Valid([]byte(d.Metadata)):
		out.Metadata = json.RawMessage(d.Metadata)
	case d.Metadata != "":
		out.Metadata, _ = json.Marshal(d.Metadata) // a text
	}
	return out
}

// details are those of a document.
func (j *DetailsJSON) details() (d refund.Details) {
	if j == nil {
		return d
	}
	d = refund.Details{Description: j.Description, Charge: j.Charge, ForexCharge: j.ForexCharge, ForexTax: j.ForexTax, ForexRate: j.ForexRate,
		ChargesCurrency: j.ChargesCurrency, Shares: j.Shares, Metadata: string(j.Metadata)}
	if j.Speed != nil {
		d.Speed = refund.Speed(*j.Speed)
	}
	var text string
	if json.Unmarshal(j.Metadata, &text) == nil {
		d.Metadata = text
	}
	return d
}
