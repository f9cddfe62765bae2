package state

import (
	"errors"
	"fmt"
	"time"

	"refundctl/internal/refund"
)

// ErrBroken is in every error of a session after one of its appends failed. What is on the disk is then
// unknown, and nothing more is written. The error wraps the cause as well.
var ErrBroken = errors.New("the ledger could not be written")

// ErrClosed is the error of a session that was closed.
var ErrClosed = errors.New("the ledger is closed")

// DamageKind says what is wrong with a ledger.
type DamageKind string

// The kinds of damage.
const (
	Garbage     DamageKind = "garbage"      // not a line that this program writes
	Unmerged    DamageKind = "unmerged"     // a Git conflict marker
	TooLong     DamageKind = "too_long"     // longer than any event
	Newer       DamageKind = "newer"        // a format newer than this program
	Altered     DamageKind = "altered"      // the bytes do not match the hash
	Malformed   DamageKind = "malformed"    // the hash matches, but the event is not valid
	Gap         DamageKind = "gap"          // an event of the run is missing before this one
	Forked      DamageKind = "forked"       // two different events have the same run and number
	MissingHead DamageKind = "missing_head" // the run cites another one that is not in the ledger
)

// DamageError says where and how a ledger is damaged. Nothing may be sent on the basis of a damaged ledger.
type DamageError struct {
	Line    int // from 1
	Kind    DamageKind
	Problem string
}

// Error names the line.
func (e *DamageError) Error() string { return fmt.Sprintf("ledger, line %d: %s", e.Line, e.Problem) }

func newerFormat(version int) string {
	return fmt.Sprintf("written by a newer refundctl (format %d)", version)
}

// LockedError says who holds the ledger's lock. Unknown fields are empty.
type LockedError struct{ Holder Holder }

// Error names the holder.
func (e *LockedError) Error() string {
	h := e.Holder
	if h == (Holder{}) {
		return "the ledger is locked by another run"
	}
	return fmt.Sprintf("the ledger is locked by %s on %s (process %d) since %s: %s",
		h.Actor, h.Host, h.PID, h.Since.Format(time.RFC3339), h.Command)
}

// ClockBehindError says that the clock is more than Skew behind the ledger's last event (R14).
type ClockBehindError struct{ Now, Last time.Time }

// Error names both times.
func (e *ClockBehindError) Error() string {
	return fmt.Sprintf("the clock says %s, but the ledger's last event is from %s",
		e.Now.UTC().Format(time.RFC3339), e.Last.Format(time.RFC3339))
}

// BindingError says that the ledger has an account with another fingerprint, the fingerprint under another
// name or with other credentials, or the credentials with another fingerprint (R15, R21).
type BindingError struct{ Want, Have Binding }

// Error names the account, but no fingerprint.
func (e *BindingError) Error() string {
	switch {
	case e.Credentials():
		return fmt.Sprintf("account %s (%s) has the credentials of the merchant that the ledger knows as %s, under another merchant_id", e.Want.Account, e.Want.Environment, e.Have.Account)
	case e.Want.Account == e.Have.Account && e.Want.Fingerprint == e.Have.Fingerprint:
		return fmt.Sprintf("account %s (%s) has different credentials from those in the ledger for this merchant", e.Want.Account, e.Want.Environment)
	case e.Want.Account == e.Have.Account:
		return fmt.Sprintf("account %s (%s) is a different merchant from the one in the ledger", e.Want.Account, e.Want.Environment)
	}
	return fmt.Sprintf("account %s (%s) is the merchant that the ledger knows as %s", e.Want.Account, e.Want.Environment, e.Have.Account)
}

// Credentials reports whether the credentials are those of the ledger's merchant, under another fingerprint.
func (e *BindingError) Credentials() bool {
	c := e.Want.Credentials
	return c != "" && e.Want.Fingerprint != e.Have.Fingerprint && (e.Have.Credentials == c || e.Have.Fingerprint == c)
}

// SameMerchant reports whether both bindings are of one merchant, as far as the ledger knows: they have the
// fingerprint or the credentials in common.
func (e *BindingError) SameMerchant() bool {
	return e.Want.Fingerprint == e.Have.Fingerprint || e.Credentials()
}

// ForbiddenError says that the ledger rules out an intent.
type ForbiddenError struct {
	ID     refund.Identity
	Act    string // what must not be done: sent, or cancelled
	Reason string
}

// Error names the refund_id.
func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("refund %s must not be %s: %s", e.ID.RefundID, e.Act, e.Reason)
}
