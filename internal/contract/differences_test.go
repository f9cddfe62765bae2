package contract

import (
	"slices"
	"testing"
)

// difference is a place where the API is known to differ from the file. There the client and the
// emulator follow the API.
type difference struct {
	name     string
	versions []string
	at       []string // as wire reports them
	evidence string   // its grade and source, as in ../shared/api/cashfree.md
}

var pg = []string{"2022-01-01", "2022-09-01", "2023-08-01", "2025-01-01", "2026-01-01"}

// differences lists all of them, including those between a version without a file of its own and the
// file that it is compared with.
var differences = []difference{
	{"the answer repeats the version of the request, not the one that both files name", slices.Concat(pg[:1], pg[2:]),
		[]string{"header X-Api-Version: enum"}, "[D-rel23] [O]: the file of 2025-01-01 still names 2022-09-01"},
	{"a new refund is not processed yet", pg,
		[]string{"RefundEntity.processed_at: nullable", "RefundEntity.refund_arn: nullable"}, "[S003] prints null; [E] saw it"},
	{"a new refund has no final speed yet", pg[1:],
		[]string{"RefundEntity.refund_speed.processed: nullable", "RefundEntity.refund_speed.message: nullable"}, "[E] saw null"},
	{"a refund without metadata", pg[2:],
		[]string{"RefundEntity.metadata: nullable"}, "[S003] prints null; [E] saw it; the file of 2022-09-01 allows it"},
	{"a refund without a note", pg,
		[]string{"RefundEntity.refund_note: nullable"}, "by analogy with the other fields that are null; not seen"},
	{"a refund can fail", pg,
		[]string{"RefundEntity.refund_status: enum"}, "[O] names FAILED in the description of the very enum that lacks it; [D-lleg]"},
	{"2022-01-01 has no refund_speed", pg[:1],
		[]string{"RefundEntity.refund_speed: required"}, "[S003] prints every field"},
	{"2023-08-01 has no foreign exchange", pg[2:3],
		[]string{"RefundEntity.charges_currency: required", "RefundEntity.forex_conversion_handling_charge: required",
			"RefundEntity.forex_conversion_handling_tax: required", "RefundEntity.forex_conversion_rate: required"}, "[O-25] [D-create]: new in 2025-01-01"},
	{"2023-08-01 has no help in errors", pg[2:3],
		[]string{"ApiError.help: required", "ApiError404.help: required", "ApiError409.help: required", "BadRequestError.help: required",
			"IdempotencyError.help: required"}, "[O-25]: new in 2025-01-01"},
	{"a refund of a subscription without a note", pg[2:],
		[]string{"SubscriptionPaymentRefundEntity.refund_note: nullable"}, "by analogy with orders; not seen"},
	{"payment_method is keyed by the method", pg[2:],
		[]string{"PaymentEntity.payment_method: oneOf"}, "[O]: so does the file's own example; more than one of its schemas fits, or none"},
	{"a payment that did not fail", pg,
		[]string{"PaymentEntity.error_details: nullable"}, "[O]: null in the files' own examples"},
	{"an account without pre-authorisation", pg[2:],
		[]string{"PaymentEntity.authorization: nullable"}, "[O]: its description; the file of 2022-09-01 allows null"},
	{"an order without note or tags", pg[2:],
		[]string{"OrderEntity.order_note: nullable", "OrderEntity.order_tags: nullable"}, "[E] saw null; the file of 2022-09-01 allows it"},
	{"a refund can be cancelled", pg[3:],
		[]string{"PUT /orders/{order_id}/refunds/{refund_id}: not in the file"}, "[O-26] [D-put]: with the same answers as GET"},
	{"a refund of Flowwise can be read", []string{flowwise},
		[]string{"GET /refunds/{refund_id}: not in the file"}, "[D-fw]; the page has only one operation"},
}

func listed(version, place string) bool {
	return slices.ContainsFunc(differences, func(d difference) bool {
		return slices.Contains(d.at, place) && slices.Contains(d.versions, version)
	})
}

// allOccurred fails for each listed difference that did not occur.
func (f findings) allOccurred(t *testing.T) {
	for _, d := range differences {
		for _, version := range d.versions {
			for _, place := range d.at {
				if _, occurred := f[version][place]; !occurred {
					t.Errorf("%s: %q (%s) is listed but did not occur: remove it from the table", version, d.name, place)
				}
			}
		}
	}
}
