package state

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const year = 365 * 24 * time.Hour

func accepts(n int) *event {
	return &event{Type: typeAccept, Accept: Acceptance{Run: runID(n), Reason: "a wrong clock"}}
}

// late is a ledger of runs: a refund that was sent, a try and a status ten years later, and a run that accepts
// them. The fourth run is a day later.
func late(t *testing.T) (before, future, acceptance, after []byte) {
	in, tried := someIntent(1), someIntent(2)
	status := func(p Phase, message string) *event {
		o := outcomeOf(in, p)
		o.How, o.Status, o.ARN = "status", "PENDING", message
		return outcomes(o)
	}
	before = run(t, runID(1), Header{}, ticking(0), intents(in), status(Accepted, "first"))
	future = run(t, runID(2), Header{}, ticking(10*year), intents(tried), status(Accepted, "a"), status(Accepted, "b"))
	acceptance = run(t, runID(3), Header{}, ticking(time.Hour), accepts(2))
	after = run(t, runID(4), Header{}, ticking(24*time.Hour), status(Accepted, "last"))
	return before, future, acceptance, after
}

func TestR14_EventsOfAnAcceptedRunCountAsOfItsAcceptance(t *testing.T) {
	before, future, acceptance, after := late(t)
	accepted := start.Add(time.Hour + time.Second) // the second event of the third run
	for name, ledger := range map[string][]byte{
		"as it was written":          join(before, future, acceptance),
		"the acceptance comes first": join(acceptance, future, before),
	} {
		s := folded(t, ledger)
		if last := s.LastAt(); !last.Equal(accepted) {
			t.Errorf("%s: the last event is of %v, want %v", name, last, accepted)
		}
		tried, _ := s.Entry(someIntent(2).ID)
		if by := accepted.Sub(tried.TriedAt); by <= 0 || by > time.Millisecond {
			t.Errorf("%s: tried at %v, want just before %v", name, tried.TriedAt, accepted)
		}
		if e, _ := s.Entry(someIntent(1).ID); e.ARN != "b" || !e.CreatedAt.Equal(start.Add(time.Second)) {
			t.Errorf("%s: the order of its events is lost: %+v", name, e)
		}
		account := someIntent(2).ID.Account
		if sent := s.SentOn(account, accepted)["INR"]; sent.Minor != someIntent(1).Amount.Minor+someIntent(2).Amount.Minor {
			t.Errorf("%s: sent on the day of the acceptance: %v", name, sent)
		}
	}
	if e, _ := folded(t, join(before, future, acceptance, after)).Entry(someIntent(1).ID); e.ARN != "last" {
		t.Errorf("an event after the acceptance counts for less than one from the future: %+v", e)
	}
	if e, _ := folded(t, join(before, future, after)).Entry(someIntent(1).ID); e.ARN != "b" {
		t.Errorf("a time from the future counts as it stands until it is accepted: %+v", e)
	}
}

func TestR14_TheEarlierOfTwoAcceptancesCounts(t *testing.T) {
	before, future, acceptance, _ := late(t)
	again := run(t, runID(4), Header{}, ticking(48*time.Hour), accepts(2))
	for _, ledger := range [][]byte{join(before, future, acceptance, again), join(again, acceptance, before, future)} {
		e, _ := folded(t, ledger).Entry(someIntent(2).ID)
		if at := start.Add(time.Hour + time.Second); e.TriedAt.After(at) {
			t.Errorf("tried at %v", e.TriedAt)
		}
	}
}

func TestR14_AnAcceptanceOfAPastRunChangesNoTime(t *testing.T) {
	before, _, _, after := late(t)
	want := folded(t, join(before, after)).Entries()
	got := folded(t, join(before, after, run(t, runID(3), Header{}, ticking(48*time.Hour), accepts(1)))).Entries()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnAcceptanceHasFormat3(t *testing.T) {
	_, _, acceptance, _ := late(t)
	want := `{"v":3,"run":"` + runID(3) + `","seq":2,"at":"2026-03-01T10:30:01.123456789Z","type":"accept_time","accepted_run":"` + runID(2) + `","reason":"a wrong clock","prev":"`
	if line := lines(acceptance)[1]; !strings.HasPrefix(line, want) {
		t.Errorf("%s\nwant\n%s", line, want)
	}
	for _, lack := range []Acceptance{{Run: runID(1)}, {Reason: "why"}} {
		if _, err := encode(&event{Run: "r", Seq: 2, At: start, Type: typeAccept, Prev: digest{1}, Accept: lack}); err == nil {
			t.Errorf("%+v was written", lack)
		}
	}
}

func TestHistoryAndReplayHaveTheTimeThatCountsAndTheWrittenTime(t *testing.T) {
	before, future, acceptance, _ := late(t)
	ledger := join(before, future, acceptance)
	records, err := History(context.Background(), bytes.NewReader(ledger), someIntent(2).ID.RefundID)
	var replayed []HistoryEvent
	begun := 0
	_, _, failed := Replay(context.Background(), onlyRead{ledger: ledger}, (*State).Places, func() func(HistoryEvent) {
		replayed, begun = nil, begun+1
		return func(r HistoryEvent) {
			if r.Intent != nil && r.Intent.ID == someIntent(2).ID {
				replayed = append(replayed, r)
			}
		}
	})
	if err != nil || failed != nil || len(records) != 1 || len(replayed) != 1 || begun != 2 {
		t.Fatalf("%v, %v, %+v, %+v, begun %d times", err, failed, records, replayed, begun)
	}
	for _, r := range []HistoryEvent{records[0], replayed[0]} {
		if r.At.After(start.Add(2*time.Hour)) || !r.Stamped.Equal(start.Add(10*year+time.Second)) {
			t.Errorf("it counts as of %v and is stamped %v", r.At, r.Stamped)
		}
	}
}

func TestR14_VerifyNamesTheLineOfAnImpossibleTime(t *testing.T) {
	before, future, acceptance, after := late(t)
	jumped := run(t, runID(5), Header{}, func() func() time.Time {
		n := 0
		return func() time.Time {
			n++
			return start.Add(time.Duration(n/3) * 2 * year).Add(time.Duration(n) * time.Second)
		}
	}(), intents(someIntent(3)), outcomes(outcomeOf(someIntent(3), Accepted)))
	early := run(t, runID(6), Header{Heads: []string{headOf(after)}}, ticking(-year), intents(someIntent(4)))
	late := run(t, runID(7), Header{}, ticking(24*time.Hour+2*time.Minute), intents(someIntent(4)))
	now := start.Add(24 * time.Hour)
	for name, c := range map[string]struct {
		ledger []byte
		want   []Notice
	}{
		"none":              {join(before, after), nil},
		"a whole run":       {join(before, future), []Notice{{Kind: FromTheFuture, Run: runID(2), Line: 4, By: 10*year - 24*time.Hour}}},
		"the only run":      {future, []Notice{{Kind: FromTheFuture, Run: runID(2), Line: 1, By: 10*year - 24*time.Hour}}},
		"the end of a run":  {join(before, jumped), []Notice{{Kind: FromTheFuture, Run: runID(5), Line: 6, By: 2*year + 3*time.Second - 24*time.Hour}}},
		"two minutes ahead": {join(before, late), []Notice{{Kind: ClockSkew, Run: runID(7), Line: 5, By: 2*time.Minute + time.Second}}},
		"an accepted run":   {join(before, future, acceptance), []Notice{{Kind: TimeAccepted, Run: runID(2), Line: 4, By: 10*year - time.Hour + 2*time.Second}}},
		"before it began":   {join(before, run(t, runID(6), Header{}, ticking(-year), intents(someIntent(4)))), []Notice{{Kind: TooEarly, Run: runID(6), Line: 4, By: year}}},
		"before what it had seen": {join(before, after, early), []Notice{
			{Kind: TooEarly, Run: runID(6), Line: 6, By: year + 24*time.Hour + time.Second}}},
	} {
		r, err := Verify(context.Background(), bytes.NewReader(c.ledger), now)
		got := slices.Clone(r.Notices)
		for i := range got {
			if got[i].At.IsZero() {
				t.Errorf("%s: no time: %+v", name, got[i])
			}
			got[i].At = time.Time{}
		}
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

// What a plan has seen is known by hashes. A parent that was moved at an earlier time, with another copy of the
// ledger or by a machine whose clock is wrong, was moved nevertheless.
func TestR14_MovedSinceDoesNotDependOnClocks(t *testing.T) {
	in := someIntent(1)
	first := run(t, runID(1), Header{}, ticking(10*year), intents(in))
	second := run(t, runID(2), Header{Heads: []string{headOf(first)}}, ticking(0), intents(someIntent(2)))
	seen := []string{headOf(second)}
	whole := join(first, second)
	if s := folded(t, whole); !s.MovedSince(in.ID.Parent, s.SnapshotAt(seen), "").IsZero() {
		t.Error("what it had seen moved it")
	}
	begun := join([]byte(strings.Join(lines(first)[:1], "")), second[:0])
	for name, ledger := range map[string][]byte{
		"a run of another copy":      join(whole, run(t, runID(3), Header{}, ticking(-time.Hour), outcomes(outcomeOf(in, Accepted)))),
		"a run that went on":         join(whole[:len(first)], second),
		"a run that follows another": join(whole, run(t, runID(3), Header{Heads: seen}, ticking(-year), intents(in.again(1, 2)))),
	} {
		s, heads := folded(t, ledger), seen
		if name == "a run that went on" {
			heads = []string{headOf(begun)}
		}
		if at := s.MovedSince(in.ID.Parent, s.SnapshotAt(heads), ""); at.IsZero() {
			t.Errorf("%s did not move it", name)
		}
	}
	if s := folded(t, whole); s.MovedSince(in.ID.Parent, s.SnapshotAt([]string{strings.Repeat("ab", 32), "no hash"}), "").IsZero() {
		t.Error("heads that the ledger does not hold have seen something")
	}
}
