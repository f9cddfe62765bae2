package state

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// one folds the events of a single run and returns the refund of someIntent(1).
func one(t *testing.T, events ...*event) Entry {
	t.Helper()
	e, known := folded(t, run(t, runID(1), Header{}, ticking(0), events...)).Entry(someIntent(1).ID)
	if !known {
		t.Fatal("the refund is not remembered")
	}
	return e
}

func TestR1_AnIntentWithoutAnOutcomeIsInDoubtWithItsBytes(t *testing.T) {
	in := someIntent(1)
	e := one(t, intents(in))
	if e.Phase != Intended || e.Request == nil || !cmp.Equal(*e.Request, in.Request) || e.Key != in.Key || e.TriedAt != start.Add(time.Second) {
		t.Errorf("the entry is %+v", e)
	}
}

func TestR13_TheWeightiestOutcomeOfAnAttemptWins(t *testing.T) {
	in := someIntent(1)
	rising := [][]Phase{{Intended}, {Refused, NotSent}, {Accepted}, {Settled, Failed}}
	for i, low := range rising {
		for _, high := range rising[i+1:] {
			for _, a := range low {
				for _, b := range high {
					for _, order := range [][]Phase{{a, b}, {b, a}} {
						got := one(t, intents(in), outcomes(outcomeOf(in, order[0])), outcomes(outcomeOf(in, order[1])))
						if got.Phase != b {
							t.Errorf("%s, then %s: %s, want %s", order[0], order[1], got.Phase, b)
						}
					}
				}
			}
		}
	}
}

func TestR13_AmongEqualOutcomesTheLaterWins(t *testing.T) {
	in := someIntent(1)
	for _, c := range [][2]Phase{{Settled, Failed}, {Failed, Settled}, {Refused, NotSent}, {NotSent, Refused}} {
		if got := one(t, intents(in), outcomes(outcomeOf(in, c[0])), outcomes(outcomeOf(in, c[1]))).Phase; got != c[1] {
			t.Errorf("%s, then %s: %s", c[0], c[1], got)
		}
	}
}

func TestR13_TheHigherAttemptWins(t *testing.T) {
	in := someIntent(1)
	second := in.again(2, 1)
	e := one(t, intents(second), intents(in), outcomes(outcomeOf(in, Refused)), outcomes(outcomeOf(in, NotSent)))
	if e.Phase != Intended || e.Attempt != 2 || e.Key != second.Key || e.Code != "" || e.Request == nil {
		t.Errorf("a second attempt is hidden by the first one's end: %+v", e)
	}
	if e.CreatedAt != start.Add(time.Second) || e.UpdatedAt != start.Add(4*time.Second) || e.TriedAt != start.Add(2*time.Second) {
		t.Errorf("the times are %v, %v, %v", e.CreatedAt, e.UpdatedAt, e.TriedAt)
	}
}

func TestR8_AnUnknownAnswerKeepsTheRefundInDoubt(t *testing.T) {
	in := someIntent(1)
	e := one(t, intents(in), outcomes(outcomeOf(in, Intended)), intents(in.again(1, 2)))
	if e.Phase != Intended || e.LastClass != "unknown" || e.Code != "code" || e.Message != "message" || e.Try != 2 || e.Request == nil {
		t.Errorf("the entry is %+v", e)
	}
	if want := start.Add(3 * time.Second); e.TriedAt != want {
		t.Errorf("the latest try was at %v, want %v", e.TriedAt, want)
	}
}

func TestTheRequestIsForgottenWithTheOutcome(t *testing.T) {
	in := someIntent(1)
	for _, p := range []Phase{Accepted, Settled, Failed, Refused, NotSent} {
		for _, events := range [][]*event{{intents(in), outcomes(outcomeOf(in, p))}, {outcomes(outcomeOf(in, p)), intents(in)}} {
			if e := one(t, events...); e.Request != nil || e.BodyHash == [32]byte{} || e.LastClass != "" {
				t.Errorf("%s: %+v", p, e)
			}
		}
	}
}

func TestWhatTheAPIReportedTakesPrecedenceOverWhatWasAskedFor(t *testing.T) {
	in := someIntent(1)
	out := outcomeOf(in, Accepted)
	out.Amount, out.Splits, out.CfRefundID = inr(5), []refund.Split{{VendorID: "V", Amount: inr(1)}}, "refund_41805719"
	e := one(t, intents(in), outcomes(out))
	if e.Amount != inr(5) || len(e.Splits) != 1 || e.CfRefundID != "41805719" || e.AcceptedAt != start.Add(2*time.Second) || e.Conflict != "" {
		t.Errorf("the entry is %+v", e)
	}
	later := outcomeOf(in, Settled)
	later.CfRefundID, later.ARN = "41805719", ""
	if e := one(t, intents(in), outcomes(outcomeOf(in, Settled)), outcomes(later)); e.ARN == "" {
		t.Error("a later read without the ARN has lost it")
	}
}

func TestAnAdoptedRefundHasNoTry(t *testing.T) {
	o := outcomeOf(someIntent(1), Accepted)
	o.Attempt, o.How = 0, "adopted"
	e := one(t, outcomes(o))
	if e.Phase != Accepted || e.Attempt != 0 || e.Amount != o.Amount || e.AccountName != "default" || e.Key != "" || !e.TriedAt.IsZero() {
		t.Errorf("the entry is %+v", e)
	}
}

func TestR13_TwoRefundsUnderOneIdentityAreAConflict(t *testing.T) {
	in := someIntent(1)
	other := outcomeOf(in, Settled)
	other.CfRefundID = "cf_other"
	if e := one(t, intents(in), outcomes(outcomeOf(in, Accepted)), outcomes(other)); !strings.Contains(e.Conflict, "cf_other") || !strings.Contains(e.Conflict, "cf_refund") {
		t.Errorf("two cf_refund_ids give the conflict %q", e.Conflict)
	}
}

func TestR13_AnAcceptedRefundOutlastsALaterRefusal(t *testing.T) {
	in := someIntent(1)
	second := in.again(2, 1)
	sent, no := outcomes(outcomeOf(in, Accepted)), outcomes(outcomeOf(second, Refused))
	for _, events := range [][]*event{{intents(in), sent, intents(second), no}, {intents(second), no, intents(in), sent}} {
		e := one(t, events...)
		if e.Phase != Accepted || e.Attempt != 1 || e.Key != in.Key || e.Amount != in.Amount || e.CfRefundID == "" || e.Code != "" {
			t.Errorf("the entry is %+v", e)
		}
	}
	e := one(t, intents(in), sent, intents(second))
	if e.Phase != Intended || e.Attempt != 2 || e.Request == nil {
		t.Errorf("a further try that nobody accounted for is hidden: %+v", e)
	}
	if e.AcceptedAt != start.Add(2*time.Second) {
		t.Errorf("that try hides since when the API holds the refund: %v", e.AcceptedAt)
	}
}

// Two copies of one ledger are used at once: one leaves a try in doubt, and the other, which knows
// nothing of it, is refused.
func TestR13_ARefusalDoesNotResolveADoubtThatItsRunDidNotKnow(t *testing.T) {
	in := someIntent(1)
	lost := run(t, runID(1), Header{}, ticking(0), intents(in))
	for _, attempt := range []int{1, 2} {
		other := in.again(attempt, 1)
		events := []*event{intents(other), outcomes(outcomeOf(other, Refused))}
		apart := run(t, runID(2), Header{}, ticking(time.Hour), events...)
		e, _ := folded(t, merged(t, lost, apart)).Entry(in.ID)
		if e.Phase != Intended || e.Request == nil || e.Attempt != attempt || e.LastClass != "" {
			t.Errorf("the doubt is hidden: %+v", e)
		}
		after := run(t, runID(2), Header{Heads: []string{headOf(lost)}}, ticking(time.Hour), events...)
		if e, _ := folded(t, join(lost, after)).Entry(in.ID); e.Phase != Refused {
			t.Errorf("a run that knew of the doubt did not settle it: %+v", e)
		}
		third := run(t, runID(3), Header{Heads: []string{headOf(apart), headOf(lost)}}, ticking(2*time.Hour), outcomes(outcomeOf(other, NotSent)))
		if e, _ := folded(t, join(lost, apart, third)).Entry(in.ID); e.Phase != NotSent {
			t.Errorf("a run that had both copies did not settle it: %+v", e)
		}
	}
}

// One copy lost a try; on the other the row was edited, tried and refused, under the same attempt or
// the next. The bytes at hand are not those that may have been sent, and do not go in their place.
func TestR8_ADoubtWithDifferentBytesHasNoRequestToSendAgain(t *testing.T) {
	in := someIntent(1)
	lost := run(t, runID(1), Header{}, ticking(0), intents(in), outcomes(outcomeOf(in, Intended)))
	if e, _ := folded(t, lost).Entry(in.ID); e.Request == nil {
		t.Errorf("alone: the entry is %+v", e)
	}
	for _, attempt := range []int{1, 2} {
		edited := in.again(attempt, 1)
		edited.Request.Body = []byte(`{"refund_amount":20}`)
		apart := run(t, runID(2), Header{}, ticking(time.Hour), intents(edited), outcomes(outcomeOf(edited, Refused)))
		if e, _ := folded(t, merged(t, lost, apart)).Entry(in.ID); e.Phase != Intended || e.Request != nil {
			t.Errorf("attempt %d: the entry is %+v", attempt, e)
		}
		if e, _ := folded(t, apart).Entry(in.ID); e.Phase != Refused {
			t.Errorf("attempt %d alone: %s", attempt, e.Phase)
		}
	}
}

// A run may go on while its ledger is copied.
func TestR13_ARunResolvesOnlyTheTriesInItsLedger(t *testing.T) {
	in := someIntent(1)
	whole := run(t, runID(1), Header{}, ticking(0), intents(someIntent(2)), intents(in))
	begun := strings.Join(lines(whole)[:2], "")
	other := run(t, runID(2), Header{Heads: []string{headOf([]byte(begun))}}, ticking(time.Hour), intents(in), outcomes(outcomeOf(in, Refused)))
	if e, _ := folded(t, join(whole, other)).Entry(in.ID); e.Phase != Intended {
		t.Errorf("the doubt is hidden: %+v", e)
	}
}

func TestR16_TheSumOfADayContainsWhatMayHaveBeenSent(t *testing.T) {
	var events []*event
	for i, p := range []Phase{Intended, Accepted, Settled, Failed, Refused, NotSent} {
		in := someIntent(i + 1)
		in.Amount = inr([]int64{1, 10, 100, 1000, 10000, 100000}[i])
		events = append(events, intents(in))
		if p != Intended {
			events = append(events, outcomes(outcomeOf(in, p)))
		}
	}
	s := folded(t, run(t, runID(1), Header{}, ticking(0), events...))
	account := someIntent(1).ID.Account
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, refund.IST)
	for at, want := range map[time.Time]int64{
		day: 1111, day.Add(24*time.Hour - 1): 1111, day.Add(-1): 0, day.Add(24 * time.Hour): 0,
	} {
		if got := s.SentOn(account, at)[money.INR].Minor; got != want {
			t.Errorf("at %v: %d, want %d", at, got, want)
		}
	}
	if got := s.SentOn("another", day); len(got) != 0 {
		t.Errorf("another account has sent %v", got)
	}
}

// today is the day, in India, on which a run that ticks from 0 writes.
var today = time.Date(2026, 3, 1, 0, 0, 0, 0, refund.IST)

func TestR16_AnAdoptedRefundCountsOnTheDayThatTheAPIMadeIt(t *testing.T) {
	for name, c := range map[string]struct {
		phase Phase
		born  time.Time
		want  int64
	}{
		"the day's first instant":        {Accepted, today, 1},
		"the instant before it":          {Accepted, today.Add(-1), 0},
		"without a time":                 {Settled, time.Time{}, 1},
		"a time of no refund":            {Settled, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 1},
		"of a clock that is a day ahead": {Settled, today.AddDate(0, 0, 1), 1},
		"dead":                           {Failed, today, 0},
	} {
		in := someIntent(1)
		adopted := outcomeOf(in, c.phase)
		adopted.Attempt, adopted.How, adopted.Amount, adopted.CreatedAt = 0, "adopted", inr(1), c.born
		now := run(t, runID(2), Header{}, ticking(0), outcomes(adopted))
		refused := run(t, runID(1), Header{}, ticking(-48*time.Hour), intents(in), outcomes(outcomeOf(in, Refused)))
		for what, s := range map[string]*State{"unknown before": folded(t, now), "refused before": folded(t, append(refused, now...))} {
			if got := s.SentOn(in.ID.Account, today.Add(time.Hour))[money.INR].Minor; got != c.want {
				t.Errorf("%s, %s: %d, want %d", name, what, got, c.want)
			}
		}
	}
}

func TestR16_AFoundRefundCountsIfTheLedgerDoesNotCountIt(t *testing.T) {
	old, fresh := someIntent(1), someIntent(2)
	sent := outcomeOf(old, Accepted)
	sent.CreatedAt = time.Time{}
	old.Amount, fresh.Amount = inr(1000), inr(100)
	s := folded(t, append(run(t, runID(1), Header{}, ticking(-48*time.Hour), intents(old), outcomes(sent)),
		run(t, runID(2), Header{}, ticking(0), intents(fresh))...))
	stranger := someIntent(3).ID
	elsewhere := refund.Identity{Parent: refund.Parent{Account: "another"}, RefundID: "x"}
	for name, c := range map[string]struct {
		found Found
		want  int64
	}{
		"on the day":               {Found{stranger, inr(1), today}, 101},
		"before it":                {Found{stranger, inr(1), today.Add(-1)}, 100},
		"without a time":           {Found{stranger, inr(1), time.Time{}}, 101},
		"sent before":              {Found{old.ID, inr(1), time.Time{}}, 100},
		"sent before, made anew":   {Found{old.ID, inr(1), today}, 101},
		"tried on the day already": {Found{fresh.ID, inr(100), today}, 100},
		"of another account":       {Found{elsewhere, inr(1), today}, 100},
	} {
		if got := s.SentOn(old.ID.Account, today.Add(time.Hour), c.found)[money.INR].Minor; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestR16_ASumThatOverflowsIsOverEveryLimit(t *testing.T) {
	a, b := someIntent(1), someIntent(2)
	a.Amount, b.Amount = inr(math.MaxInt64), inr(1)
	s := folded(t, run(t, runID(1), Header{}, ticking(0), intents(a), intents(b)))
	if got := s.SentOn(a.ID.Account, start)[money.INR]; got != inr(math.MaxInt64) {
		t.Errorf("the sum is %v", got)
	}
}

func TestFactsAreThoseOfTheLatestIntentThatKnewThem(t *testing.T) {
	in := someIntent(1)
	in.Facts.Captured = inr(1)
	later := in.again(1, 2)
	later.Facts.Captured = inr(0)
	last := in.again(1, 3)
	last.Facts = refund.Facts{}
	s := folded(t, run(t, runID(1), Header{}, ticking(0), intents(in), intents(later), intents(last)))
	if got, known := s.Facts(in.ID.Parent); !known || !cmp.Equal(got, later.Facts) {
		t.Errorf("the facts are %+v, %v, want %+v", got, known, later.Facts)
	}
	if _, known := s.Facts(someIntent(2).ID.Parent); known {
		t.Error("facts of an unknown parent")
	}
}

func TestAParentMovesWithIntentsAndOutcomesButNotWithStatuses(t *testing.T) {
	in := someIntent(1)
	status := outcomeOf(in, Settled)
	status.How = "status"
	ledger := join(
		run(t, runID(1), Header{PlanDigest: "p1"}, ticking(0), intents(in)),
		run(t, runID(2), Header{PlanDigest: "p2"}, ticking(time.Hour), outcomes(outcomeOf(in, Accepted))),
		run(t, runID(3), Header{PlanDigest: "p1"}, ticking(2*time.Hour), outcomes(outcomeOf(in, Accepted))),
		run(t, runID(4), Header{}, ticking(3*time.Hour), outcomes(status)))
	s := folded(t, ledger)
	for plan, want := range map[string]time.Duration{"": 2 * time.Hour, "p2": 2 * time.Hour, "p1": time.Hour} {
		if got := s.MovedSince(in.ID.Parent, nil, plan); got != start.Add(want+time.Second) {
			t.Errorf("but for plan %q it moved at %v, want %v later", plan, got, want)
		}
	}
	if got := s.MovedSince(someIntent(2).ID.Parent, nil, ""); !got.IsZero() {
		t.Errorf("an unknown parent moved at %v", got)
	}
}

func TestR3_ARefundIDIsFoundUnderEveryParent(t *testing.T) {
	a, b := someIntent(1), someIntent(2)
	b.ID.RefundID = a.ID.RefundID
	s := folded(t, run(t, runID(1), Header{}, ticking(0), intents(b), intents(a)))
	got := s.OfRefundID(a.ID.Account, a.ID.RefundID)
	if len(got) != 2 || got[0].ID != a.ID || got[1].ID != b.ID {
		t.Errorf("found %+v", got)
	}
	if of := s.OfParent(b.ID.Parent); len(of) != 1 || of[0].ID != b.ID {
		t.Errorf("the parent has %+v", of)
	}
	if got := s.OfRefundID("another", a.ID.RefundID); got != nil {
		t.Errorf("another account has %+v", got)
	}
}

func TestTheZeroStateIsAnEmptyLedger(t *testing.T) {
	var s State
	if s.Entries() != nil || s.Heads() != nil || s.Lineage() != "" || !s.LastAt().IsZero() || len(s.Runs()) != 0 || s.Bindings() != nil || s.InDoubt() != nil {
		t.Error("the zero State holds something")
	}
}

// randomRuns are a few runs over three refunds of two parents, with all phases, tries and
// attempts, at few instants, so that ties happen.
func randomRuns(t *rapid.T, tb testing.TB) [][]byte {
	var runs [][]byte
	for n := range rapid.IntRange(1, 4).Draw(t, "runs") {
		h := Header{PlanDigest: rapid.SampledFrom([]string{"", "p1", "p2", "p3"}).Draw(t, "plan"), Lineage: fmt.Sprint("lineage", n)}
		for i, earlier := range runs {
			if rapid.Bool().Draw(t, fmt.Sprint("cites ", i)) {
				h.Heads = append(h.Heads, headOf(earlier))
			}
		}
		slices.Sort(h.Heads)
		for _, fingerprint := range prints[:rapid.IntRange(0, len(prints)).Draw(t, "places")] {
			h.Places = append(h.Places, Place{fingerprint, rapid.SampledFrom([]string{"", "loopback/pg"}).Draw(t, "place")})
		}
		at := ticking(time.Duration(rapid.IntRange(0, 2).Draw(t, "at")) * time.Second)
		runs = append(runs, run(tb, runID(n+1), h, at, rapid.SliceOfN(rapid.Custom(randomEvent), 1, 6).Draw(t, "events")...))
	}
	return runs
}

// prints are fingerprints that runs name.
var prints = []string{someIntent(1).ID.Account, "f1", "f2"}

func randomEvent(t *rapid.T) *event {
	n := rapid.IntRange(1, 3).Draw(t, "refund")
	in := someIntent(min(n, 2))
	in.ID.RefundID, in.ID.Account = fmt.Sprint("refund_", n), rapid.SampledFrom(prints[:2]).Draw(t, "merchant")
	in = in.again(rapid.IntRange(1, 3).Draw(t, "attempt"), rapid.IntRange(1, 3).Draw(t, "try"))
	in.AccountName = rapid.SampledFrom([]string{"default", "main"}).Draw(t, "account")
	in.Facts.Captured = inr(int64(rapid.IntRange(0, 2).Draw(t, "captured")))
	in.Facts.Known = rapid.Bool().Draw(t, "known")
	if !in.Facts.Known {
		in.Facts = refund.Facts{}
	}
	switch rapid.IntRange(0, 5).Draw(t, "type") {
	case 5:
		return &event{Type: typeAccept, Accept: Acceptance{Run: runID(rapid.IntRange(1, 4).Draw(t, "accepted")), Reason: "a wrong clock"}}
	case 0:
		return bindings(Binding{Account: in.AccountName, Environment: "sandbox",
			Fingerprint: rapid.SampledFrom(prints).Draw(t, "fingerprint"), Credentials: rapid.SampledFrom([]string{"", "c1", "c2", prints[0]}).Draw(t, "credentials")})
	case 1, 2:
		return intents(in)
	}
	o := outcomeOf(in, rapid.SampledFrom([]Phase{Intended, Accepted, Settled, Failed, Refused, NotSent}).Draw(t, "phase"))
	o.Attempt = rapid.IntRange(0, 3).Draw(t, "of attempt")
	o.CfRefundID = rapid.SampledFrom([]string{"", "1", "refund_1", "2", "3"}).Draw(t, "cf")
	o.ARN = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "arn")
	o.How = rapid.SampledFrom([]string{"answered", "status"}).Draw(t, "how")
	if (o.Phase == Accepted || o.Phase == NotSent) && rapid.Bool().Draw(t, "by a person") {
		o.How, o.CfRefundID, o.ARN = Resolved, "", ""
	}
	return outcomes(o)
}

// lastOf is the head of a run, as a header cites it, and none if there is no such run.
func (s *State) lastOf(run string) []string {
	if c := s.chains[run]; c != nil {
		return []string{c.last.String()}
	}
	return nil
}

// picture is everything that a State answers.
func picture(s *State) map[string]string {
	all := map[string]string{
		"lineage": s.Lineage(), "heads": fmt.Sprint(s.Heads()), "last": fmt.Sprint(s.LastAt()), "runs": fmt.Sprintf("%+v", s.Runs()),
		"bindings": fmt.Sprintf("%+v", s.Bindings()), "doubt": fmt.Sprint(len(s.InDoubt())), "sent": fmt.Sprint(s.SentOn(someIntent(1).ID.Account, start)),
	}
	for _, e := range s.Entries() {
		facts, known := s.Facts(e.ID.Parent)
		bytes := e.Request != nil
		e.Request = nil
		name := e.ID.Account + " " + e.ID.RefundID
		all[name] = fmt.Sprintf("%+v %v %+v %v", e, bytes, facts, known)
		for _, plan := range []string{"", "p1", "p2", "p3"} {
			for n := range 5 {
				all[name] += fmt.Sprint(s.MovedSince(e.ID.Parent, s.SnapshotAt(s.lastOf(runID(n))), plan))
			}
		}
	}
	return all
}

func TestR13_TheFoldDoesNotDependOnTheOrderOfRuns(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		runs := randomRuns(r, t)
		want := picture(folded(t, join(runs...)))
		if got := picture(folded(t, join(rapid.Permutation(runs).Draw(r, "order")...))); !cmp.Equal(got, want) {
			r.Error(cmp.Diff(want, got))
		}
		if got := picture(folded(t, woven(r, runs))); !cmp.Equal(got, want) {
			r.Error("woven: ", cmp.Diff(want, got))
		}
	})
}

// woven mixes the runs' lines; the lines of one run keep their order.
func woven(r *rapid.T, runs [][]byte) []byte {
	var left [][]string
	for _, run := range runs {
		left = append(left, lines(run))
	}
	var mixed strings.Builder
	for len(left) > 0 {
		i := rapid.IntRange(0, len(left)-1).Draw(r, "next")
		mixed.WriteString(left[i][0])
		if left[i] = left[i][1:]; len(left[i]) == 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	return []byte(mixed.String())
}

func merged(tb testing.TB, a, b []byte) []byte {
	tb.Helper()
	var w strings.Builder
	if _, err := Merge(context.Background(), strings.NewReader(string(a)), strings.NewReader(string(b)), &w); err != nil {
		tb.Fatal(err)
	}
	return []byte(w.String())
}

func TestR13_AMergeContainsBothLedgersInEitherOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		runs := randomRuns(r, t)
		n := rapid.IntRange(0, len(runs)-1).Draw(r, "common")
		a, b := slices.Clone(runs[:n]), slices.Clone(runs[:n])
		for _, run := range runs[n:] { // each has it, or they share it, one of them perhaps in part
			switch rapid.IntRange(0, 2).Draw(r, "whose") {
			case 0:
				a = append(a, run)
			case 1:
				b = append(b, run)
			default:
				own := lines(run)
				a = append(a, []byte(strings.Join(own[:rapid.IntRange(1, len(own)).Draw(r, "part")], "")))
				b = append(b, run)
			}
		}
		ab, ba := merged(t, join(a...), join(b...)), merged(t, join(b...), join(a...))
		if string(ab) != string(ba) {
			r.Fatalf("a with b:\n%s\nb with a:\n%s", ab, ba)
		}
		if got, want := picture(folded(t, ab)), picture(folded(t, join(runs...))); !cmp.Equal(got, want) {
			r.Error(cmp.Diff(want, got))
		}
		if again := merged(t, ab, join(a...)); string(again) != string(ab) {
			r.Errorf("merging once more changes\n%s\nto\n%s", ab, again)
		}
		citesOnlyEarlier(r, ab)
	})
}

func citesOnlyEarlier(r *rapid.T, ledger []byte) {
	seen := map[string]bool{}
	for _, line := range lines(ledger) {
		var e event
		sum, problem := (&decoder{interner: interner{}}).decode([]byte(strings.TrimSuffix(line, "\n")), &e)
		if problem != nil {
			r.Fatal(problem)
		}
		for _, head := range e.Header.Heads {
			if !seen[head] {
				r.Errorf("run %s stands before a run that it cites", e.Run)
			}
		}
		seen[sum.String()] = true
	}
}

func TestMergeRefusesTwoVersionsOfARun(t *testing.T) {
	a := run(t, runID(1), Header{}, ticking(0), intents(someIntent(1)))
	b := run(t, runID(1), Header{}, ticking(0), intents(someIntent(2)))
	_, err := Merge(context.Background(), strings.NewReader(string(a)), strings.NewReader(string(b)), &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "the second ledger: ledger, line 2: event 2 of run") {
		t.Errorf("the merge gave %v", err)
	}
}

func TestMergeOmitsAnUnfinishedLastLine(t *testing.T) {
	a := run(t, runID(1), Header{}, ticking(0), intents(someIntent(1)), intents(someIntent(2)))
	if got := merged(t, a[:len(a)-9], nil); string(got) != strings.Join(lines(a)[:2], "") {
		t.Errorf("merged:\n%s", got)
	}
}

func TestVerifyCounts(t *testing.T) {
	ledger := oneOfEach(t)
	got, err := Verify(context.Background(), strings.NewReader(string(ledger)+`{"v"`), start.Add(2*time.Hour))
	want := VerifyResult{Runs: 2, Events: 6, Refunds: 1, Heads: []string{headOf(ledger)}, Notices: []Notice{{Kind: TornTail, Bytes: 4}}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if _, err := Verify(context.Background(), strings.NewReader("x\n"), start); err == nil {
		t.Error("garbage was verified")
	}
}

func TestR13_HasHeadFindsEveryEventAndNoOther(t *testing.T) {
	first := run(t, runID(1), Header{}, ticking(0), intents(someIntent(1)))
	early := headOf(first)
	longer := join(first, run(t, runID(2), Header{Heads: []string{early}}, ticking(time.Hour), intents(someIntent(2))))
	s := folded(t, longer)
	for head, want := range map[string]bool{headOf([]byte(lines(first)[0])): true, early: true, headOf(longer): true, headOf(run(t, runID(3), Header{}, ticking(0), intents(someIntent(3)))): false,
		"": false, early[:16]: false, strings.Repeat("x", 64): false} {
		if s.HasHead(head) != want {
			t.Errorf("knows %q: %v", head, !want)
		}
	}
	if new(State).HasHead(early) {
		t.Error("an empty ledger knows an event")
	}
}
