// Package refund contains the types that the rest of the program shares: what a refund is, how it is
// addressed, what the API reports about it, the request that creates it, and its key. It also contains
// the rules that all packages need: whether two sources mean the same refund, and when a day begins.
//
// It does no I/O. Every package but money and diag uses it.
package refund

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/money"
)

// Kind is what is refunded: an order, a subscription, or a single payment.
type Kind string

// The kinds. Order and Subscription are Cashfree's, Payment is Flowwise's.
const (
	Order        Kind = "order"
	Subscription Kind = "subscription"
	Payment      Kind = "payment"
)

// Parent addresses what is refunded, within one account. Account is the account's fingerprint.
type Parent struct {
	Account string
	Kind    Kind
	ID      string
}

// Identity addresses one refund and never changes. The amount is not part of it (R3).
type Identity struct {
	Parent
	RefundID string
}

// Compare orders identities by account, kind, parent and refund_id.
func (i Identity) Compare(j Identity) int {
	return slices.Compare([]string{i.Account, string(i.Kind), i.ID, i.RefundID},
		[]string{j.Account, string(j.Kind), j.ID, j.RefundID})
}

// Spec is one desired refund.
type Spec struct {
	Account        string // the account's name in the configuration; "default" if the manifest names none
	Kind           Kind
	ParentID       string
	PaymentID      string // the payment of a subscription; empty for the other kinds
	RefundID       string
	Amount         money.Amount
	Note           string
	Speed          string // STANDARD, INSTANT or empty
	Type           string // refund_type of kind payment
	Splits         []Split
	Labels         map[string]string
	Hold           bool
	NotDuplicateOf []string
	Supersedes     string
	Source         diag.Place
}

// Identity is the spec's address in the account with this fingerprint.
func (s Spec) Identity(fingerprint string) Identity {
	return Identity{Parent{fingerprint, s.Kind, s.ParentID}, s.RefundID}
}

// Split is the share of a refund that one vendor bears.
type Split struct {
	VendorID string       `json:"vendor_id"`
	Amount   money.Amount `json:"amount"`
}

// SameSplits reports whether two lists have the same shares, in any order.
func SameSplits(a, b []Split) bool {
	return maps.Equal(shares(a), shares(b))
}

func shares(splits []Split) map[Split]int {
	m := make(map[Split]int, len(splits))
	for _, s := range splits {
		m[s]++
	}
	return m
}

// Fingerprint identifies a merchant's account in one environment of one API (R15): the SHA-256 of the
// three, in hex. Base URL, API version and secrets are not part of it.
func Fingerprint(api, environment, merchant string) string {
	sum := sha256.Sum256([]byte(joined("account", api, environment, merchant)))
	return hex.EncodeToString(sum[:])
}

// joined writes each part with its length, so that different lists of parts give different texts.
func joined(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)))
		b.WriteByte(':')
		b.WriteString(p)
	}
	return b.String()
}
