package state

import (
	"errors"
	"fmt"
	"time"

	"refundctl/internal/refund"
)

// ErrBroken is wrapped by every error of a session after one of its appends failed: what the disk
// holds is then unknown, and nothing more is written. The cause is wrapped beside it.
var ErrBroken = errors.New("the ledger could not be written")

// ErrClosed is returned by a session that was closed.
var ErrClosed = errors.New("the ledger is closed")

// DamageKind says what is wrong with a ledger.
type DamageKind string

// The kinds of damage.
const (
	Garbage     DamageKind = "garbage"      // not a line that this program writes
	Unmerged    DamageKind = "unmerged"     // a conflict marker of Git
	TooLong     DamageKind = "too_long"     // longer than any event
	Newer       DamageKind = "newer"        // a format that this program does not know
	Altered     DamageKind = "altered"      // the bytes are not those that were hashed
	Malformed   DamageKind = "malformed"    // hashed, but not understood
	Gap         DamageKind = "gap"          // an event of the run is missing before this one
	Forked      DamageKind = "forked"       // two different events with one run and number
	MissingHead DamageKind = "missing_head" // the run saw another one that is not in the ledger
)

// DamageError says where and how a ledger is damaged. Nothing may be sent on the strength of it.
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

// LockedError says who holds the ledger's lock. Fields that are not known are empty.
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

// ClockBehindError says that the clock stands more than five minutes before the ledger's last event (R14).
type ClockBehindError struct{ Now, Last time.Time }

// Error names both times.
func (e *ClockBehindError) Error() string {
	return fmt.Sprintf("the clock says %s, but the ledger's last event is of %s",
		e.Now.UTC().Format(time.RFC3339), e.Last.Format(time.RFC3339))
}

// BindingError says that the ledger knows an account under another fingerprint, the fingerprint under
// another name or with other credentials, or the credentials under another fingerprint (R15, R21).
type BindingError struct{ Want, Have Binding }

// Error names the account and no fingerprint.
func (e *BindingError) Error() string {
	switch {
	case e.Credentials():
		return fmt.Sprintf("account %s (%s) has the credentials of the merchant that the ledger knows as %s, under another merchant_id", e.Want.Account, e.Want.Environment, e.Have.Account)
	case e.Want.Account == e.Have.Account && e.Want.Fingerprint == e.Have.Fingerprint:
		return fmt.Sprintf("account %s (%s) has different credentials from those in the ledger for this merchant", e.Want.Account, e.Want.Environment)
	case e.Want.Account == e.Have.Account:
		return fmt.Sprintf("account %s (%s) is another merchant than the one that the ledger remembers", e.Want.Account, e.Want.Environment)
	}
	return fmt.Sprintf("account %s (%s) is the merchant that the ledger knows as %s", e.Want.Account, e.Want.Environment, e.Have.Account)
}

// Credentials reports whether it is the same merchant by its credentials, under another fingerprint.
func (e *BindingError) Credentials() bool {
	c := e.Want.Credentials
	return c != "" && e.Want.Fingerprint != e.Have.Fingerprint && (e.Have.Credentials == c || e.Have.Fingerprint == c)
}

// SameMerchant reports whether it is one merchant for all that the ledger knows: its fingerprint or its
// credentials stay.
func (e *BindingError) SameMerchant() bool {
	return e.Want.Fingerprint == e.Have.Fingerprint || e.Credentials()
}

// ForbiddenError is the ledger's no to an intent: what it remembers already rules the request out.
type ForbiddenError struct {
	ID     refund.Identity
	Act    string // what must not be done: sent, or cancelled
	Reason string
}

// Error names the refund_id.
func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("refund %s must not be %s: %s", e.ID.RefundID, e.Act, e.Reason)
}
