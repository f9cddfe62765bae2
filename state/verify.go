package state

import (
	"context"
	"io"
	"time"
)

// VerifyResult is what Verify found: the number of runs, events and refunds of a ledger, its heads, and notices.
type VerifyResult struct {
	Runs, Events, Refunds int
	Heads                 []string
	Notices               []Notice
}

// Verify reads a whole ledger. It checks every line, chain and cited head, and compares the times with the
// clock. Damage is a *DamageError; times that cannot be right are notices.
func Verify(ctx context.Context, r io.Reader, now time.Time) (VerifyResult, error) {
	s, t, err := fold(ctx, r, foldContext{accepted: acceptances{}}, nil)
	if err != nil {
		return VerifyResult{}, err
	}
	return VerifyResult{len(s.chains), s.events, s.refunds, s.chains.heads(), append(t.notices(), s.timeNotices(now)...)}, nil
}
