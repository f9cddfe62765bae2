package state

import (
	"time"

	"refundctl/internal/money"
)

// codec is one direction of the ledger's JSON: writer or reader. Fields come in one fixed order and
// empty ones are left out, so that one description (wire.go) serves both and every value has
// exactly one spelling.
type codec interface {
	text(name string, v *string)
	interned(name string, v *string) // a text that repeats from line to line: the reader keeps one copy
	texts(name string, v *[]string)
	bytes(name string, v *[]byte)
	digest(name string, v *digest)
	number(name string, v *int)
	flag(name string, v *bool)
	moment(name string, v *time.Time)
	amount(name string, v *money.Amount) // and its currency, in a field of that name
	open(name string, present bool) bool // an object follows, to be closed
	close()
	list(name string, present bool) bool // a list follows, its objects told by item
	item(present bool) bool              // an object follows, to be closed; false has ended the list
	fail(problem string)
}
