package sheet

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"

	"refundctl/internal/refund"
)

// derivedDigits is how much of the hash an id keeps: 100 bits.
const derivedDigits = 20

// derivedID returns the refund_id of the nth refund of a parent in a batch: csv_ and 20 base32 characters
// of a SHA-256 over the three, each with its length. The amount is not part of it: a row whose amount
// was edited stays the same refund.
func derivedID(batch, parent string, nth int) string {
	h := sha256.New()
	for _, part := range []string{batch, parent, strconv.Itoa(nth)} {
		_, _ = fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return "csv_" + strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)))[:derivedDigits]
}

// parentKey identifies a parent: an order by its id, others by a text that is not a valid order_id.
func parentKey(s refund.Spec) string {
	if s.Kind == refund.Order {
		return s.ParentID
	}
	return string(s.Kind) + ":" + s.ParentID + "/" + s.PaymentID
}

func batchProblem(row int) Problem {
	return Problem{Code: codeBatch, Row: row, Message: "refund_id is missing",
		Hint: "name the sheet with --batch NAME, and use the same name for every import: refund_ids are derived from it"}
}
