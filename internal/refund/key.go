package refund

import (
	"crypto/sha1"
	"fmt"
	"strconv"
)

// namespace is the UUID under which all keys are made. Never change it: that would change every key and
// leave the refunds in flight without protection.
var namespace = [16]byte{0x5f, 0x0c, 0x5c, 0x9e, 0x2b, 0x61, 0x4d, 0x0a, 0x9e, 0x63, 0x1d, 0x7a, 0x44, 0x8b, 0x0e, 0x27}

// Key returns the x-idempotency-key of one attempt at one refund: a version 5 UUID of the identity and
// the attempt (R4). It is the same on any machine and any day.
func Key(id Identity, attempt int) string {
	h := sha1.New()
	h.Write(namespace[:])
	h.Write([]byte(joined(id.Account, string(id.Kind), id.ID, id.RefundID, strconv.Itoa(attempt))))
	u := h.Sum(nil)[:16]
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return uuidText(u)
}

func uuidText(u []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:])
}
