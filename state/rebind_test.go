package state_test

import (
	"errors"
	"testing"
	"time"

	"refundctl/state"
	"refundctl/state/statetest"
)

// rebindable is a ledger with one refund of account default, accepted or in doubt.
func rebindable(t *testing.T, accepted bool) *state.State {
	t.Helper()
	var disk statetest.Disk
	s := statetest.Open(t, disk.Backend())
	in := statetest.Intent("order_1", "refund_1")
	must(t, s.Bind(ctx, state.Binding{Account: "default", API: "cashfree", Environment: "sandbox", Fingerprint: in.ID.Account, Credentials: "key_1"}))
	must(t, s.Begin(ctx, in))
	if accepted {
		must(t, s.Finish(ctx, statetest.Accepted(in)))
	}
	must(t, s.Close())
	return load(t, &disk)
}

func nowhere(state.Binding) bool { return false }

func TestR15_ARebindingReportsWhatStillCounts(t *testing.T) {
	st := rebindable(t, true)
	have := st.Bindings()[0]
	to := func(change func(*state.Binding)) state.Binding {
		b := have
		change(&b)
		return b
	}
	for name, c := range map[string]struct {
		to   state.Binding
		from string // the fingerprint
		same bool
		old  int
	}{
		"the same":               {to(func(b *state.Binding) { b.Reason = "twice" }), "", false, 0},
		"another merchant":       {to(func(b *state.Binding) { b.Fingerprint, b.Credentials = "other", "key_2" }), have.Fingerprint, false, 1},
		"the merchant_id is new": {to(func(b *state.Binding) { b.Fingerprint = "other" }), have.Fingerprint, true, 1},
		"the client id is new":   {to(func(b *state.Binding) { b.Credentials = "key_2" }), have.Fingerprint, true, 1},
		"the name is new":        {to(func(b *state.Binding) { b.Account = "shop" }), have.Fingerprint, true, 1},
	} {
		got, err := st.Rebinding(c.to, nowhere)
		if err != nil || got.From.Fingerprint != c.from || got.Same != c.same || len(got.Old) != c.old {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestR15_ARebindingIsRefused(t *testing.T) {
	st := rebindable(t, true)
	have := st.Bindings()[0]
	unknown := have
	unknown.Account, unknown.Fingerprint, unknown.Credentials = "shop", "other", "key_2"
	if _, err := st.Rebinding(unknown, nowhere); !errors.As(err, new(*state.UnboundError)) {
		t.Errorf("an account that the ledger does not know: %v", err)
	}
	alias := have
	alias.Account = "shop"
	if _, err := st.Rebinding(alias, func(b state.Binding) bool { return b.Account == "default" }); !errors.As(err, new(*state.AliasError)) {
		t.Errorf("one merchant under two names: %v", err)
	}
	doubtful := rebindable(t, false)
	other := doubtful.Bindings()[0]
	other.Fingerprint, other.Credentials = "other", "key_2"
	if _, err := doubtful.Rebinding(other, nowhere); !errors.As(err, new(*state.DoubtError)) {
		t.Errorf("a refund in doubt: %v", err)
	}
}

func TestARebindingWaitsUntilTheOldRefundsAreListed(t *testing.T) {
	st := rebindable(t, true)
	other := st.Bindings()[0]
	other.Fingerprint, other.Credentials = "other", "key_2"
	r, err := st.Rebinding(other, nowhere)
	must(t, err)
	tried := r.Old[0].TriedAt
	for after, want := range map[time.Duration]time.Duration{0: 2 * time.Minute, 90 * time.Second: 30 * time.Second, time.Hour: 0} {
		if got := r.Wait(time.Minute, tried.Add(after)); got != want {
			t.Errorf("%s after the last try: %s, want %s", after, got, want)
		}
	}
}

func TestTurnedFailedOmitsRequestedCancels(t *testing.T) {
	entry := func(id string, phase state.Phase, cancel bool) state.Entry {
		e := state.Entry{ID: statetest.Intent("order_1", id).ID, Phase: phase}
		if cancel {
			e.CancelSent = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		}
		return e
	}
	before := []state.Entry{entry("pending", state.Accepted, false), entry("doubt", state.Intended, false), entry("ours", state.Accepted, true),
		entry("paid", state.Accepted, false), entry("old", state.Failed, false)}
	now := []state.Entry{entry("pending", state.Failed, false), entry("doubt", state.Failed, false), entry("ours", state.Failed, true),
		entry("paid", state.Settled, false), entry("old", state.Failed, false), entry("new", state.Failed, false)}
	var got []string
	for _, e := range state.TurnedFailed(before, now) {
		got = append(got, e.ID.RefundID)
	}
	if len(got) != 2 || got[0] != "pending" || got[1] != "doubt" {
		t.Errorf("%q", got)
	}
}
