package state

import (
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// codec is one direction of the ledger's JSON: an encoder or a decoder. Fields have a fixed order and empty
// ones are omitted, so that one description (wire.go) serves both directions and every value has exactly one
// form.
type codec interface {
	text(name string, v *string)
	interned(name string, v *string) // a text that repeats from line to line: the decoder keeps one copy
	texts(name string, v *[]string)
	bytes(name string, v *[]byte)
	digest(name string, v *digest)
	number(name string, v *int)
	flag(name string, v *bool)
	moment(name string, v *time.Time)
	amount(name string, v *money.Amount) // with its currency, in the field "currency"
	open(name string, present bool) bool // an object follows; close ends it
	close()
	list(name string, present bool) bool            // a list of objects follows; item begins each
	item(present bool) bool                         // an object follows; close ends it. False: the list has ended
	beginDetails(v *refund.Details) *refund.Details // v, or what is to be decoded; endDetails takes it over
	endDetails(v **refund.Details)                  // many lines have the same details: the decoder keeps one copy
	fail(problem string)
}
