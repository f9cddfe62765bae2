package plan

import (
	"fmt"

	"refundctl/internal/refund"
)

// parentUnknown is the code of a refund whose order, subscription or payment the API does not know.
const parentUnknown = "parent_unknown"

func unknownMessage(p refund.Parent) string {
	return fmt.Sprintf("the API does not know %s %s", p.Kind, p.ID)
}

// UnreadHint says what to do about a parent that could not be read. An answer of the API that cannot be read does
// not get better by itself. What is refunded in the dashboard would be paid again if its row were sent later.
func UnreadHint(err error) string {
	switch refund.ReadClassOf(err) {
	case refund.Unreadable, refund.Refusal:
		return "trying again does not help: send this text to Cashfree support; if the refund cannot wait, write hold: true in its row, then make it in the dashboard"
	}
	return "run it again when the API can be read"
}
