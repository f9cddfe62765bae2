package contract

import (
	"slices"
	"testing"
)

// difference is a place where the API is known not to be as the file has it, so that client and
// emulator follow the API.
type difference struct {
	name     string
	versions []string
	at       []string // as wire reports it
	evidence string   // its grade and source, as ../shared/api/cashfree.md has them
}

var pg = []string{"2022-01-01", "2022-09-01", "2023-08-01", "2025-01-01", "2026-01-01"}

// differences is the one list of them. What a version without a file of its own does otherwise than
// the file it is held to is one as well.
var differences = []difference{
	{"the version that was asked for comes back, not the one that both files name", slices.Concat(pg[:1], pg[2:]),
		[]string{"header X-Api-Version: enum"}, "[D-rel23] [O]: the file of 2025-01-01 still names 2022-09-01"},
	{"nothing is processed yet when a refund is made", pg,
		[]string{"RefundEntity.processed_at: nullable", "RefundEntity.refund_arn: nullable"}, "[S003] prints null; [E] saw it"},
	{"nor has its speed come out", pg[1:],
		[]string{"RefundEntity.refund_speed.processed: nullable", "RefundEntity.refund_speed.message: nullable"}, "[E] saw null"},
	{"a refund without metadata", pg[2:],
		[]string{"RefundEntity.metadata: nullable"}, "[S003] prints null; [E] saw it; the file of 2022-09-01 allows it"},
	{"a note that was not sent", pg,
		[]string{"RefundEntity.refund_note: nullable"}, "by analogy with the other fields that are null; not seen"},
	{"a refund can fail", pg,
		[]string{"RefundEntity.refund_status: enum"}, "[O] names FAILED in the description of the very enum that lacks it; [D-lleg]"},
	{"2022-01-01 has no refund_speed", pg[:1],
		[]string{"RefundEntity.refund_speed: required"}, "[S003] prints every field"},
	{"2023-08-01 knows nothing of foreign exchange", pg[2:3],
		[]string{"RefundEntity.charges_currency: required", "RefundEntity.forex_conversion_handling_charge: required",
			"RefundEntity.forex_conversion_handling_tax: required", "RefundEntity.forex_conversion_rate: required"}, "[O-25] [D-create]: new in 2025-01-01"},
	{"2023-08-01 has no help in errors", pg[2:3],
		[]string{"ApiError.help: required", "ApiError404.help: required", "ApiError409.help: required", "BadRequestError.help: required",
			"IdempotencyError.help: required"}, "[O-25]: new in 2025-01-01"},
	{"a refund of a subscription without a note", pg[2:],
		[]string{"SubscriptionPaymentRefundEntity.refund_note: nullable"}, "by analogy with orders; not seen"},
	{"the method of a payment is named around its details", pg[2:],
		[]string{"PaymentEntity.payment_method: oneOf"}, "[O]: the file's own example has it so; of its schemas for it more than one fits, or none"},
	{"a payment that did not fail", pg,
		[]string{"PaymentEntity.error_details: nullable"}, "[O]: null in the files' own examples"},
	{"an account without pre-authorisation", pg[2:],
		[]string{"PaymentEntity.authorization: nullable"}, "[O]: its description; the file of 2022-09-01 allows null"},
	{"an order without note or tags", pg[2:],
		[]string{"OrderEntity.order_note: nullable", "OrderEntity.order_tags: nullable"}, "[E] saw null; the file of 2022-09-01 allows it"},
	{"a refund can be cancelled", pg[3:],
		[]string{"PUT /orders/{order_id}/refunds/{refund_id}: not in the file"}, "[O-26] [D-put]: with the answers of a GET"},
	{"a refund of Flowwise can be read", []string{flowwise},
		[]string{"GET /refunds/{refund_id}: not in the file"}, "[D-fw]; the page holds one operation only"},
}

func listed(version, place string) bool {
	return slices.ContainsFunc(differences, func(d difference) bool {
		return slices.Contains(d.at, place) && slices.Contains(d.versions, version)
	})
}

// settle fails for each listed difference that did not occur.
func (f findings) settle(t *testing.T) {
	for _, d := range differences {
		for _, version := range d.versions {
			for _, place := range d.at {
				if _, occurred := f[version][place]; !occurred {
					t.Errorf("%s: %q (%s) is listed and did not occur: take it out of the table", version, d.name, place)
				}
			}
		}
	}
}
