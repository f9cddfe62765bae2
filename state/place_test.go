package state

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

var fingerprint = someIntent(1).ID.Account

func asked(place string) Header { return Header{Places: []Place{{fingerprint, place}}} }

func phases(s *State) (found []string) {
	for _, e := range s.Entries() {
		if e.ID.Account == fingerprint {
			found = append(found, e.ID.RefundID+" "+string(e.Phase))
		}
	}
	return found
}

// What an emulator on loopback accepted says nothing about the real host, and vice versa.
func TestR21_FactsCountOnlyAtTheAddressWhereTheyWereLearned(t *testing.T) {
	in := someIntent(1)
	own := someIntent(2)
	ledger := join(
		run(t, runID(1), asked("loopback/pg"), ticking(0), intents(in), outcomes(outcomeOf(in, Settled))),
		run(t, runID(2), asked(""), ticking(time.Hour), intents(own)))
	for _, c := range []struct {
		place  string
		phases []string
		sent   int64
	}{
		{"", []string{own.ID.RefundID + " intended"}, own.Amount.Minor},
		{"loopback/pg", []string{in.ID.RefundID + " settled"}, in.Amount.Minor},
		{"https://gateway.example.com/pg", nil, own.Amount.Minor}, // it may lead to the same API
	} {
		s := placed(t, ledger, Place{fingerprint, c.place})
		if got := phases(s); !slices.Equal(got, c.phases) {
			t.Errorf("at %q: %q", c.place, got)
		}
		if got := s.SentOn(fingerprint, start)[money.INR].Minor; got != c.sent {
			t.Errorf("at %q %d was sent", c.place, got)
		}
		if got := len(s.Entries()); got != 2 {
			t.Errorf("at %q the ledger accounts for %d refunds", c.place, got)
		}
		err := s.Forbids(in.again(1, 1))
		if forbidden := errors.As(err, new(*ForbiddenError)); forbidden != (c.place == "loopback/pg") {
			t.Errorf("at %q: %v", c.place, err)
		}
	}
	s := placed(t, ledger)
	for _, e := range s.Entries() {
		if want := map[string]string{in.ID.RefundID: "loopback/pg"}[e.ID.RefundID]; e.BaseURL != want || FingerprintOf(e.ID.Account) != fingerprint {
			t.Errorf("%s is of %q, at %q", e.ID.RefundID, e.ID.Account, e.BaseURL)
		}
	}
}

// A run that does not name its addresses is of an older program: what it sent counts everywhere.
func TestR21_EventsOfOlderProgramsCountEverywhere(t *testing.T) {
	in := someIntent(1)
	ledger := join(
		run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(outcomeOf(in, Accepted))),
		run(t, runID(2), asked("loopback/pg"), ticking(time.Hour), outcomes(outcomeOf(in, Settled))))
	for place, phase := range map[string]string{"": " accepted", "loopback/pg": " settled", "https://gateway.example.com/pg": " accepted"} {
		if got := phases(placed(t, ledger, Place{fingerprint, place})); len(got) != 1 || got[0] != in.ID.RefundID+phase {
			t.Errorf("at %q: %q", place, got)
		}
	}
}

// After a merchant_id was added, or the account was renamed, the credentials show that it is the same merchant.
func TestR21_AMerchantKeepsItsRefundsUnderANewFingerprint(t *testing.T) {
	plain, named := refund.Fingerprint("cashfree", "production", "client"), refund.Fingerprint("cashfree", "production", "m-1")
	in := someIntent(1)
	in.ID.Account = plain
	for name, first := range map[string]Binding{
		"with credentials":    {Account: "default", Environment: "production", Fingerprint: plain, Credentials: plain},
		"of an older program": {Account: "default", Environment: "production", Fingerprint: plain},
	} {
		ledger := join(
			run(t, runID(1), Header{}, ticking(0), bindings(first), intents(in), outcomes(outcomeOf(in, Accepted))),
			run(t, runID(2), Header{}, ticking(time.Hour), bindings(Binding{Account: "main", Environment: "production", Fingerprint: named, Credentials: plain, Reason: "renamed"})))
		s := placed(t, ledger)
		id := in.ID
		id.Account = named
		e, known := s.Entry(id)
		if !known || e.Phase != Accepted || e.AccountName != "main" || e.Key != in.Key {
			t.Errorf("%s: %v, %+v", name, known, e)
		}
		if err := s.Forbids(Intent{ID: id, Attempt: 1}); !errors.As(err, new(*ForbiddenError)) {
			t.Errorf("%s: %v", name, err)
		}
		if got := s.SentOn(named, start)[money.INR]; got != in.Amount {
			t.Errorf("%s: %v was sent", name, got)
		}
		if got := s.Bindings(); len(got) != 1 || got[0].Account != "main" {
			t.Errorf("%s: bound are %+v", name, got)
		}
	}
}

func TestR21_EqualCredentialsUnderTwoFingerprintsAreRefused(t *testing.T) {
	bound := Binding{Account: "default", Environment: "production", Fingerprint: "f1", Credentials: "c1"}
	older := Binding{Account: "old", Environment: "production", Fingerprint: "c9"}
	replaced := Binding{Account: "shop", Environment: "production", Fingerprint: "f5", Credentials: "c5"}
	moved := Binding{Account: "shop", Environment: "production", Fingerprint: "f6", Credentials: "c6", Reason: "sold"}
	s := placed(t, run(t, runID(1), Header{}, ticking(0), bindings(bound), bindings(older), bindings(replaced), bindings(moved)))
	of := func(account, fingerprint, credentials string) Binding {
		return Binding{Account: account, Environment: "production", Fingerprint: fingerprint, Credentials: credentials}
	}
	for name, c := range map[string]struct {
		b       Binding
		known   bool
		refused bool
	}{
		"the same":                              {of("default", "f1", "c1"), true, false},
		"embedded, without credentials":         {of("default", "f1", ""), true, false},
		"a made-up merchant_id":                 {of("second", "f2", "c1"), false, true},
		"a merchant_id that was added":          {of("default", "f2", "c1"), false, true},
		"another name":                          {of("second", "f1", "c1"), false, true},
		"new credentials of the merchant":       {of("default", "f1", "c2"), false, true},
		"another merchant":                      {of("second", "f2", "c2"), false, false},
		"of an older ledger":                    {of("old", "c9", "c9"), false, false},
		"of an older ledger, with a made-up id": {of("new", "f9", "c9"), false, true},
		"credentials of a binding that is over": {of("second", "f7", "c5"), false, true},
	} {
		known, err := s.CheckBinding(c.b)
		if known != c.known || errors.As(err, new(*BindingError)) != c.refused {
			t.Errorf("%s: %v, %v", name, known, err)
		}
	}
}

func TestR13_PlacesDoNotDependOnTheOrderOfRuns(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		runs := randomRuns(r, t)
		places := []Place{{fingerprint, "loopback/pg"}, {"f1", ""}}
		want := picture(placed(t, join(runs...), places...))
		shuffled := rapid.Permutation(runs).Draw(r, "order")
		got := picture(placed(t, join(shuffled...), places...))
		for name, text := range want {
			if got[name] != text {
				r.Fatalf("%s: %s, in another order %s", name, text, got[name])
			}
		}
		if len(got) != len(want) {
			r.Fatalf("%d answers, in another order %d", len(want), len(got))
		}
	})
}

// A State that was used for one address and then for another is the same as one loaded for the other.
func TestR21_ALedgerCanBeReadForAnotherAddress(t *testing.T) {
	in := someIntent(1)
	ledger := run(t, runID(1), asked("loopback/pg"), ticking(0), intents(in))
	s := placed(t, ledger, Place{fingerprint, "loopback/pg"})
	if err := s.UsePlaces(context.Background(), onlyRead{ledger: ledger}, nil); err != nil || len(phases(s)) != 0 {
		t.Errorf("%v, %q", err, phases(s))
	}
}

// Two addresses that are not on this computer may lead to one API: what may be there is not sent again.
func TestR2_ARefundThatOneAddressMayHaveIsNotSentThroughAnother(t *testing.T) {
	const gateway = "https://gateway.example.com/pg"
	in := someIntent(1)
	for _, c := range []struct {
		then, now string
		phase     Phase
		forbidden bool
	}{
		{gateway, "", Accepted, true},
		{gateway, "", Intended, true},
		{gateway, "", NotSent, false},
		{"", gateway, Settled, true},
		{gateway, "loopback/pg", Accepted, false},
		{"loopback/pg", gateway, Accepted, false},
		{"loopback/pg", "", Intended, false},
	} {
		ledger := run(t, runID(1), asked(c.then), ticking(0), intents(in), outcomes(outcomeOf(in, c.phase)))
		s := placed(t, ledger, Place{fingerprint, c.now})
		if near := s.SentElsewhere(fingerprint); (len(near) == 1) != c.forbidden || c.forbidden && near[0].ID != in.ID {
			t.Errorf("%s through %q, then %q: nearby are %+v", c.phase, c.then, c.now, near)
		}
		if sent := s.SentOn(fingerprint, start)[money.INR]; (sent == in.Amount) != c.forbidden {
			t.Errorf("%s through %q, then %q: %v was sent", c.phase, c.then, c.now, sent)
		}
		err := s.Forbids(in)
		if errors.As(err, new(*ForbiddenError)) != c.forbidden {
			t.Errorf("%s through %q, then %q: %v", c.phase, c.then, c.now, err)
		}
	}
}
