package refund

import (
	"cmp"
	"strings"
)

// Details are facts of a live refund that decide nothing about money: they explain it to people. Each is a
// text of bounded length as the API reports it, and empty if the API reports nothing. The API may report a
// fact later, and in any language.
type Details struct {
	Description     string // status_description, or refund_message of kind payment
	Speed           Speed
	Charge          string // refund_charge, in INR
	ForexCharge     string // forex_conversion_handling_charge
	ForexTax        string // forex_conversion_handling_tax
	ForexRate       string // forex_conversion_rate
	ChargesCurrency string // of the forex charge and tax
	Shares          string // refund_splits, if one of them has a percentage: "Vendor01 62.75%, Vendor02 20.00"
	Metadata        string // a JSON object with sorted keys, or a text if the API reports something else or it was cut
}

// Speed is the refund_speed of an answer.
type Speed struct {
	Requested, Accepted, Processed, Message string
}

// A Detail is one of the Details, under the name that documents, exports and the ledger use.
type Detail struct {
	Name  string
	Value *string
}

// List returns the details in the order in which everything prints them. The values point into d.
func (d *Details) List() [12]Detail {
	return [12]Detail{
		{"status_description", &d.Description},
		{"refund_speed_requested", &d.Speed.Requested}, {"refund_speed_accepted", &d.Speed.Accepted},
		{"refund_speed_processed", &d.Speed.Processed}, {"refund_speed_message", &d.Speed.Message},
		{"refund_charge", &d.Charge}, {"forex_conversion_handling_charge", &d.ForexCharge},
		{"forex_conversion_handling_tax", &d.ForexTax}, {"forex_conversion_rate", &d.ForexRate}, {"charges_currency", &d.ChargesCurrency},
		{"split_shares", &d.Shares}, {"metadata", &d.Metadata},
	}
}

// Known returns what is known of the refund's details after an answer: those of the answer, and those known
// before that it omits. An answer that lacks a fact does not deny it: older API versions report fewer. Only a
// description does not outlive the status that it describes. before may be nil.
func (l Live) Known(before *Details, status Status) Details {
	known := l.Details
	if before == nil {
		return known
	}
	old := before.List()
	for i, f := range known.List() {
		*f.Value = cmp.Or(*f.Value, *old[i].Value)
	}
	if l.Status != status {
		known.Description = l.Description
	}
	return known
}

// Compare orders details by their texts.
func (d Details) Compare(other Details) int {
	theirs := other.List()
	for i, f := range d.List() {
		if c := cmp.Compare(*f.Value, *theirs[i].Value); c != 0 {
			return c
		}
	}
	return 0
}

// routine are the words of descriptions that ask nothing of anybody. Cashfree and Flowwise document them.
var routine = []string{
	"in progress", "sent to bank for processing", "processed via payouts", "processed successfully", "is cancelled",
	"because of insufficient account balance", "is initiated", "is pending", "has failed", "refund failed",
}

// MayAsk reports whether the description of a refund that is not settled may ask the merchant for
// something. It is true for every text that is not known to be routine, in any language.
func (d Details) MayAsk() bool {
	text := strings.ToLower(d.Description)
	if text == "" {
		return false
	}
	for _, words := range routine {
		if strings.Contains(text, words) {
			return false
		}
	}
	return true
}

// Notable returns the details that are not routine: a description that may ask for something while the refund
// is not settled, why its speed was changed, charges, forex facts, shares and metadata.
func (d *Details) Notable(status Status) []Detail {
	if d == nil {
		return nil
	}
	var notable []Detail
	for _, f := range d.List() {
		switch {
		case *f.Value == "", f.Value == &d.Speed.Requested, f.Value == &d.Speed.Accepted, f.Value == &d.Speed.Processed, f.Value == &d.ChargesCurrency:
		case f.Value == &d.Description && (status.Settled() || !d.MayAsk()):
		default:
			notable = append(notable, f)
		}
	}
	return notable
}
