package state

import (
	"context"
	"io"
	"time"
)

// Report counts what a ledger holds.
type VerifyResult struct {
	Runs, Events, Refunds int
	Heads                 []string
	Notices               []Notice
}

// Verify reads a whole ledger and checks every line, chain and cited head, and its times against
// the clock. Damage is a *DamageError; times that cannot be right are notices.
func Verify(ctx context.Context, r io.Reader, now time.Time) (VerifyResult, error) {
	s, t, err := fold(ctx, r, foldContext{accepted: acceptances{}}, func(*event, *State) {})
	if err != nil {
		return VerifyResult{}, err
	}
	return VerifyResult{len(s.chains), s.events, s.refunds, s.chains.heads(), append(t.notices(), s.timeNotices(now)...)}, nil
}
