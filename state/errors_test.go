package state

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestR14_ALockedErrorNamesTheHolder(t *testing.T) {
	held := &LockedError{Holder{Actor: "asha", Host: "till-7", PID: 4711, Since: start, Command: "refundctl apply"}}
	if want := "the ledger is locked by asha on till-7 (process 4711) since 2026-03-01T09:30:00Z: refundctl apply"; held.Error() != want {
		t.Errorf("%q, want %q", held, want)
	}
	if text := (&LockedError{}).Error(); text != "the ledger is locked by another run" {
		t.Errorf("nothing is known of the holder: %q", text)
	}
}

func TestR14_AClockBehindErrorNamesBothTimes(t *testing.T) {
	err := &ClockBehindError{Now: start.Add(-time.Hour), Last: start}
	if want := "the clock says 2026-03-01T08:30:00Z, but the ledger's last event is from 2026-03-01T09:30:00Z"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}

// A fingerprint means nothing to a person, and not everybody should see it.
func TestR15_ABindingErrorNamesTheAccountAndNoFingerprint(t *testing.T) {
	want := Binding{Account: "north", Environment: "production", Fingerprint: "f1"}
	for text, have := range map[string]Binding{
		"account north (production) is a different merchant from the one in the ledger": {Account: "north", Environment: "production", Fingerprint: "f2"},
		"account north (production) is the merchant that the ledger knows as south":     {Account: "south", Environment: "production", Fingerprint: "f1"},
	} {
		if err := (&BindingError{Want: want, Have: have}); err.Error() != text {
			t.Errorf("%q, want %q", err, text)
		}
	}
}

func TestR2_ALedgerWithTwoRefundsUnderOneIdentityForbidsIt(t *testing.T) {
	in := someIntent(1)
	a, b := outcomeOf(in, Refused), outcomeOf(in, Refused)
	a.CfRefundID, b.CfRefundID = "1", "2"
	st := folded(t, run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(a), outcomes(b)))
	if e, _ := st.Entry(in.ID); e.Conflict == "" || e.Phase.Sent() {
		t.Fatalf("%+v", e)
	}
	var no *ForbiddenError
	if err := st.Forbids(in.again(2, 1)); !errors.As(err, &no) || !strings.Contains(err.Error(), "refund "+in.ID.RefundID+" must not be sent: the ledger has two API refunds for it") {
		t.Errorf("%v", err)
	}
}

var errFull = errors.New("no space left on device")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
