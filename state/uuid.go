package state

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// uuid is a UUID in binary form, so that a key takes 16 bytes of memory.
type uuid [16]byte

// randomID returns a version 4 UUID.
func randomID() string {
	var u uuid
	rand.Read(u[:]) // never fails
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u.String()
}

// parseUUID accepts only what String writes.
func parseUUID(t string) (u uuid, ok bool) {
	if len(t) != 36 || t[8] != '-' || t[13] != '-' || t[18] != '-' || t[23] != '-' || strings.ToLower(t) != t {
		return uuid{}, false
	}
	var digits [32]byte
	copy(digits[:], t[:8])
	copy(digits[8:], t[9:13])
	copy(digits[12:], t[14:18])
	copy(digits[16:], t[19:23])
	copy(digits[20:], t[24:])
	_, err := hex.Decode(u[:], digits[:])
	return u, err == nil && u != uuid{}
}

// String is empty for the zero value.
func (u uuid) String() string {
	if u == (uuid{}) {
		return ""
	}
	t := hex.EncodeToString(u[:])
	return t[:8] + "-" + t[8:12] + "-" + t[12:16] + "-" + t[16:20] + "-" + t[20:]
}
