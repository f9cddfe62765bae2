package state_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/refund"
	"refundctl/state"
	"refundctl/state/statetest"
)

func TestReplayHandsOverEveryEventOnceAndReturnsTheStateOfLoad(t *testing.T) {
	var disk statetest.Disk
	s := statetest.Open(t, disk.Backend())
	one, two := statetest.Intent("order_1", "refund_1"), statetest.Intent("order_2", "refund_2")
	must(t, s.Bind(ctx, state.Binding{Account: "default", API: "cashfree", Environment: "sandbox", Fingerprint: one.ID.Account}))
	must(t, s.Begin(ctx, one))
	must(t, s.Finish(ctx, statetest.Accepted(one)))
	must(t, s.Begin(ctx, two))
	must(t, s.Close())

	// Two copies of a run, as a union of ledgers may have, count once.
	disk.Set(append(disk.Bytes(), disk.Bytes()...))
	var told []string
	st, _, err := state.Replay(ctx, disk.Backend(), (*state.State).Places, each(func(r state.HistoryEvent) {
		if r.Header.Actor != "asha" || r.At.IsZero() {
			t.Errorf("%+v", r)
		}
		switch {
		case r.Binding != nil:
			told = append(told, "bind "+r.Binding.Environment)
		case r.Intent != nil:
			told = append(told, "intent "+r.Intent.ID.RefundID)
		case r.Outcome != nil:
			told = append(told, fmt.Sprintf("%s %s", r.Outcome.Phase, r.Outcome.ID.RefundID))
		}
	}))
	must(t, err)
	if want := []string{"bind sandbox", "intent refund_1", "accepted refund_1", "intent refund_2"}; !slices.Equal(told, want) {
		t.Errorf("%q, not %q", told, want)
	}
	if diff := cmp.Diff(load(t, &disk).Entries(), st.Entries()); diff != "" {
		t.Error(diff)
	}
}

func TestReplayOfADamagedLedgerFails(t *testing.T) {
	var disk statetest.Disk
	s := statetest.Open(t, disk.Backend())
	must(t, s.Begin(ctx, statetest.Intent("order_1", "refund_1")))
	must(t, s.Close())
	ledger := disk.Bytes()
	ledger[len(ledger)/2] ^= 1
	disk.Set(ledger)
	if st, _, err := state.Replay(ctx, disk.Backend(), (*state.State).Places, each(func(state.HistoryEvent) {})); err == nil || st != nil {
		t.Errorf("%v, %v", st, err)
	}
}

// each is the begin function of a caller of Replay that keeps nothing.
func each(f func(state.HistoryEvent)) func() func(state.HistoryEvent) {
	return func() func(state.HistoryEvent) { return f }
}

// What explain collects while it loads the ledger is what state history reads.
func TestHistoriesHaveTheEventsThatHistoryReturns(t *testing.T) {
	var disk statetest.Disk
	s := statetest.Open(t, disk.Backend())
	ins := []state.Intent{statetest.Intent("order_1", "refund_1"), statetest.Intent("order_1", "refund_2"), statetest.Intent("order_2", "refund_3")}
	must(t, s.Bind(ctx, state.Binding{Account: "default", API: "cashfree", Environment: "sandbox", Fingerprint: ins[0].ID.Account}))
	for _, in := range ins {
		must(t, s.Begin(ctx, in))
	}
	for _, in := range ins {
		must(t, s.Finish(ctx, statetest.Accepted(in)))
	}
	must(t, s.Close())
	disk.Set(append(disk.Bytes(), disk.Bytes()...)) // as a union of ledgers may have it
	h := state.NewHistories(func(of refund.Identity) bool { return of.ID == "order_1" })
	_, _, err := state.Replay(ctx, disk.Backend(), (*state.State).Places, h.Begin)
	must(t, err)
	for _, in := range ins {
		r, err := disk.Backend().Read(ctx)
		must(t, err)
		want, err := state.History(ctx, r, in.ID.RefundID)
		must(t, err)
		if in.ID.ID != "order_1" {
			want = nil
		}
		if diff := cmp.Diff(want, h.Events(in.ID.RefundID)); diff != "" {
			t.Errorf("%s: %s", in.ID.RefundID, diff)
		}
	}
}

func TestHistoryShowsWhoDidWhatToARefund(t *testing.T) {
	disk := &statetest.Disk{}
	s := statetest.Open(t, disk.Backend())
	in := statetest.Intent("order_1", "refund_1")
	must(t, s.Begin(ctx, in))
	must(t, s.Begin(ctx, statetest.Intent("order_2", "refund_2")))
	must(t, s.Finish(ctx, statetest.Accepted(in)))
	must(t, s.Close())
	got, err := state.History(ctx, bytes.NewReader(disk.Bytes()), "refund_1")
	must(t, err)
	if len(got) != 2 || got[0].Intent == nil || got[0].Outcome != nil || got[1].Outcome.Phase != state.Accepted || got[1].Seq != 4 ||
		got[1].Header.Actor != "asha" || got[1].Header.Command != "apply" || got[0].Run != s.State().Runs()[0].ID {
		t.Errorf("the history is %+v", got)
	}
	if _, err := state.History(ctx, strings.NewReader("x\n"), "refund_1"); err == nil {
		t.Error("the history of a damaged ledger was returned")
	}
}
