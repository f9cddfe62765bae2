package view_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"refundctl/apply"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
)

func clockAt(t time.Time) func() time.Time { return func() time.Time { return t } }

// stage is a watch with a clock that the test moves.
type stage struct {
	now      time.Time
	out, err bytes.Buffer
	watch    *view.Progress
}

func newStage(terminal bool, width int) *stage {
	s := &stage{now: at(14, 3)}
	s.watch = view.WatchText(&s.out, view.NewLine(&s.err, view.WatchOptions{Style: view.Style{Width: width}, Terminal: terminal, Clock: func() time.Time { return s.now }}))
	return s
}

// creates is a plan of n refunds of ₹100.00.
func creates(n int) *plan.Plan {
	p := settledPlan(n)
	for i := range p.Changes {
		p.Changes[i].Action, p.Changes[i].Amount = plan.Create, inr(10000)
	}
	return p
}

func (s *stage) observe(after time.Duration, events ...apply.Event) {
	s.now = s.now.Add(after)
	for _, e := range events {
		s.watch.Observe(e)
	}
}

// output is what err got since the last call.
func (s *stage) output() string {
	defer s.err.Reset()
	return s.err.String()
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func TestTheLineOnATerminalIsRewrittenInPlace(t *testing.T) {
	s := newStage(true, 80)
	s.observe(0, event(apply.InDoubt, "r_of_an_earlier_run", 10000))
	s.output()
	s.watch.Begin(creates(340))
	expect(t, "begin", s.output(), "\r\x1b[K0/340 · ₹0.00 of ₹34,000.00")
	s.observe(50*time.Millisecond, event(apply.Sending, "r_1", 10000), event(apply.Sent, "r_1", 10000))
	expect(t, "too soon", s.output(), "")
	s.observe(50*time.Millisecond, event(apply.Sending, "r_2", 10000))
	expect(t, "in time", s.output(), "\r\x1b[K1/340 · ₹100.00 of ₹34,000.00 · 12 req/min · eta 29m")
}

func TestTroubleIsPrintedAboveTheLine(t *testing.T) {
	s := newStage(true, 80)
	s.watch.Begin(creates(2))
	s.output()
	refused := event(apply.Refused, "r_1", 10000)
	refused.Code, refused.Message = "refund_amount_invalid", "Invalid amount entered"
	s.observe(0, refused)
	expect(t, "refused", s.output(), "\r\x1b[Krefused r_1 (order order_summer_fashion_001) ₹100.00: refund_amount_invalid:\n  Invalid amount entered\n"+
		"\r\x1b[K1/2 · ₹0.00 of ₹200.00")
	if err := s.watch.End(apply.Result{}, 5); err != nil {
		t.Fatal(err)
	}
	expect(t, "end", s.output(), "\r\x1b[K")
}

func TestALongLineIsCutToTheScreen(t *testing.T) {
	s := newStage(true, 40)
	s.watch.Begin(creates(10000))
	s.output()
	s.observe(time.Second, event(apply.Sending, "r_1", 10000))
	if line := strings.TrimPrefix(s.output(), "\r\x1b[K"); len([]rune(line)) != 37 || !strings.HasSuffix(line, "…") {
		t.Errorf("%d characters: %s", len([]rune(line)), line)
	}
}

func TestALogHasOneLineInTenSecondsAndEveryTrouble(t *testing.T) {
	s := newStage(false, 80)
	s.watch.Begin(creates(100))
	for i := range 60 {
		id := fmt.Sprintf("r_%d", i)
		s.observe(time.Second, event(apply.Sending, id, 10000), event(apply.Sent, id, 10000))
	}
	lines := strings.Split(strings.TrimSpace(s.output()), "\n")
	if len(lines) != 6 || lines[0] != "9/100 · ₹900.00 of ₹10,000.00 · 60 req/min · eta 2m" {
		t.Errorf("%d lines in a minute, want 6: %q", len(lines), lines)
	}
	settled, stop := event(apply.Resolved, "r_x", 100), apply.Event{Kind: apply.Stopping, Message: "interrupted"}
	settled.Status = refund.Success
	s.observe(0, settled, stop, event(apply.NotSent, "r_60", 10000), event(apply.Waiting, "r_61", 10000), event(apply.Recorded, "r_62", 10000))
	expect(t, "trouble", s.output(), "resolved r_x (order order_summer_fashion_001) ₹1.00: paid\nstopping: interrupted\n"+
		"not sent r_60 (order order_summer_fashion_001) ₹100.00\n")
}

func TestTheRateCoversTheLastMinute(t *testing.T) {
	s := newStage(true, 80)
	s.watch.Begin(creates(1000))
	for i := range 90 {
		s.observe(time.Second, event(apply.Sending, fmt.Sprintf("r_%d", i), 10000))
	}
	s.output()
	s.observe(30*time.Second, event(apply.Sending, "r_last", 10000))
	if line := s.output(); !strings.Contains(line, " · 32 req/min") {
		t.Errorf("got %q", line)
	}
}

func TestRefundsLeftUnsentByAStopAreNotListed(t *testing.T) {
	s := newStage(false, 80)
	s.watch.Begin(creates(5000))
	left := event(apply.NotSent, "r_1", 10000)
	left.Code = "stopped"
	for range 5000 {
		s.observe(0, left)
	}
	expect(t, "stopped", s.output(), "")
}

func TestEveryRunEndsWithItsMoney(t *testing.T) {
	s := newStage(false, 80)
	var r apply.Result
	add := func(to *plan.Tally, amounts ...money.Amount) {
		for _, a := range amounts {
			to.Add(a)
		}
	}
	add(&r.Sent, inr(12000000), inr(45000), money.Amount{Minor: 1200, Currency: "JPY"})
	add(&r.AlreadyPresent, inr(100))
	add(&r.Refused, inr(30000))
	add(&r.InDoubt, inr(10000))
	add(&r.NotSent, inr(36235000))
	add(&r.Earlier, inr(5000))
	add(&r.Blocked, inr(539900), inr(100))
	add(&r.Held, inr(120000))
	add(&r.Failed, inr(5000))
	add(&r.Pending, inr(7000))
	add(&r.Superseded, inr(800))
	add(&r.NotInFile, inr(900))
	r.Conflicts, r.Why = 1, map[string]int{"unread": 1, "over_refund": 1, "amount_differs": 1}
	r.Dead, r.Stopped = 1, apply.ErrUnknownStreak
	earlier, lost := event(apply.InDoubt, "r_early", 5000), event(apply.InDoubt, "r_17", 10000)
	earlier.Since, earlier.ResolvesAt = at(13, 0), at(13, 10)
	lost.Since, lost.ResolvesAt, lost.Message = at(14, 3), at(14, 13), "answer lost"
	s.observe(0, earlier)
	s.watch.Begin(creates(5))
	s.observe(time.Minute, lost)
	s.output()
	if err := s.watch.End(r, 6); err != nil {
		t.Fatal(err)
	}
	golden(t, "end_out.txt", s.out.Bytes())
	golden(t, "end_err.txt", s.err.Bytes())
}

func TestARunWithoutRefundsSaysSo(t *testing.T) {
	s := newStage(true, 80)
	s.watch.Begin(creates(0))
	if err := s.watch.End(apply.Result{}, 0); err != nil {
		t.Fatal(err)
	}
	expect(t, "out", s.out.String(), "Nothing was sent.\nsent      0\nrefused   0\nin doubt  0\nnot sent  0\n")
	expect(t, "err", s.output(), "")
}

func TestR8_ADoubtShowsItsStartAndItsDeadline(t *testing.T) {
	e := event(apply.InDoubt, "r_17", 10000)
	for name, c := range map[string]struct {
		change func(*apply.Event)
		want   string
	}{
		"lost": {func(e *apply.Event) { e.Since, e.ResolvesAt = at(14, 3), at(14, 13) },
			"error: refund r_17: outcome unknown since 14:03 (answer lost); it will not be sent again meanwhile\nhint: run refundctl recover; it settles by 14:13 at the latest\n"},
		"of another day": {func(e *apply.Event) {
			e.Since, e.ResolvesAt, e.Message = at(14, 3).AddDate(0, 0, -1), at(14, 13).AddDate(0, 0, 1), "timeout"
		},
			"error: refund r_17: outcome unknown since 2026-06-08 14:03 (timeout); it will not be sent again meanwhile\nhint: run refundctl recover; it settles by 2026-06-10 14:13 at the latest\n"},
		"due": {func(e *apply.Event) { e.Since, e.ResolvesAt = at(13, 0), at(13, 10) },
			"error: refund r_17: outcome unknown since 13:00 (answer lost); it will not be sent again meanwhile\nhint: refundctl recover resolves it by reading\n"},
		"without an answer": {func(e *apply.Event) {
			e.Since, e.ResolvesAt, e.Class, e.Message = at(14, 3), at(14, 13), apply.Unknown, "EOF"
		},
			"error: refund r_17: outcome unknown since 14:03 (answer lost: EOF); it will not be sent again meanwhile\nhint: run refundctl recover; it settles by 14:13 at the latest\n"},
		"not read": {func(e *apply.Event) {
			e.Since, e.ResolvesAt, e.Class, e.Code, e.Message = at(14, 3), at(14, 13), apply.Unknown, "unread", "unreachable"
		},
			"error: refund r_17: outcome unknown since 14:03 (answer lost); it will not be sent again meanwhile\nhint: run refundctl recover; it settles by 14:13 at the latest\n"},
		"another refund": {func(e *apply.Event) {
			e.Since, e.ResolvesAt, e.Class, e.Message = at(14, 3), at(14, 13), apply.Conflicting, "desired ₹1.00, live ₹2.00"
		},
			"error: refund r_17: in doubt since 14:03: desired ₹1.00, live ₹2.00; it will not be sent again meanwhile\nhint: a person must decide: refundctl explain r_17, then refundctl recover --resolve r_17=not-sent --reason TEXT; if it was sent all the same, r_17=sent --against-api\n"},
	} {
		s, e := newStage(false, 500), e
		c.change(&e)
		s.observe(0, e)
		s.output()
		if err := s.watch.End(apply.Result{}, 6); err != nil {
			t.Fatal(err)
		}
		shown, rest, _ := strings.Cut(s.output(), "  last try")
		expect(t, name, shown, c.want)
		expect(t, name+", then", rest, "      ₹100.00 on order order_summer_fashion_001, attempt 1, try 1, "+view.Time(e.Since)+
			"\n  key           6ba7b810-9dad-51d1-80b4-00c04fd430c8\n")
	}
}

func TestADoubtThatTheRunResolvedIsNotListedAtTheEnd(t *testing.T) {
	s := newStage(false, 80)
	s.observe(0, event(apply.InDoubt, "r_1", 10000), event(apply.InDoubt, "r_2", 10000))
	s.watch.Begin(creates(1))
	s.observe(0, event(apply.Sent, "r_1", 10000), event(apply.Resolved, "r_2", 10000))
	s.output()
	if err := s.watch.End(apply.Result{}, 0); err != nil {
		t.Fatal(err)
	}
	expect(t, "err", s.output(), "")
}

func TestRecovered(t *testing.T) {
	golden(t, "recovered_80.txt", printed(t, texts(view.Style{}, leave)["recovered"]))
	golden(t, "recovered.json", printed(t, jsons(leave)["recovered"]))
}

func TestJSONEventsAreWholeLinesFromManyGoroutines(t *testing.T) {
	var out bytes.Buffer
	observeTogether(t, view.WatchJSON(&out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	seen := map[string]int{}
	for i, line := range lines {
		var e struct{ Type, Amount string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("line %d: %v: %s", i, err, line)
		}
		if seen[e.Type]++; e.Type == "sent" && e.Amount != "100.00" {
			t.Errorf("line %d: amount %q", i, e.Amount)
		}
	}
	if seen["sent"] != 800 || seen["summary"] != 1 || !strings.Contains(lines[len(lines)-1], `"type":"summary"`) {
		t.Errorf("events: %v", seen)
	}
}

func TestProgressIsSafeForManyGoroutines(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		var out, err bytes.Buffer
		observeTogether(t, view.WatchText(&out, view.NewLine(&err, view.WatchOptions{Terminal: terminal, Clock: clockAt(at(14, 3))})))
		if got := strings.Count(err.String(), "refused r_"); got != 800 {
			t.Errorf("terminal %v: %d of 800 refusals shown", terminal, got)
		}
	}
}

// observeTogether reports 800 refunds to a watch from 8 goroutines.
func observeTogether(t *testing.T, w view.Watch) {
	t.Helper()
	w.Begin(creates(800))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 100 {
				id := fmt.Sprintf("r_%d_%d", g, i)
				w.Observe(event(apply.Sending, id, 10000))
				w.Observe(event(apply.Refused, id, 10000))
				w.Observe(event(apply.Sent, id, 10000))
			}
		})
	}
	wg.Wait()
	if err := w.End(apply.Result{}, 0); err != nil {
		t.Fatal(err)
	}
}

func TestR12_AClosedPipeNeitherStopsNorPanics(t *testing.T) {
	clock := clockAt(at(14, 3))
	for name, w := range map[string]view.Watch{
		"json":     view.WatchJSON(&failing{300}),
		"terminal": view.WatchText(&failing{300}, view.NewLine(&failing{300}, view.WatchOptions{Terminal: true, Clock: clock})),
		"log":      view.WatchText(&failing{300}, view.NewLine(&failing{300}, view.WatchOptions{Clock: clock})),
	} {
		w.Begin(creates(100))
		for i := range 100 {
			w.Observe(event(apply.InDoubt, fmt.Sprintf("r_%d", i), 10000))
		}
		if err := w.End(apply.Result{}, 6); !errors.Is(err, errClosed) {
			t.Errorf("%s: the end does not report the loss: %v", name, err)
		}
	}
}

// hiccup fails once and then takes everything.
type hiccup struct {
	out    bytes.Buffer
	failed bool
}

func (h *hiccup) Write(b []byte) (int, error) {
	if !h.failed {
		h.failed = true
		return 0, errClosed
	}
	return h.out.Write(b)
}

func TestNothingIsWrittenAfterAGap(t *testing.T) {
	var lines, text hiccup
	for _, w := range []view.Watch{view.WatchJSON(&lines), view.WatchText(&bytes.Buffer{}, view.NewLine(&text, view.WatchOptions{Clock: clockAt(at(14, 3))}))} {
		w.Observe(event(apply.Refused, "r_1", 10000))
		w.Observe(event(apply.InDoubt, "r_2", 10000))
		if err := w.End(apply.Result{}, 6); !errors.Is(err, errClosed) {
			t.Error(err)
		}
	}
	expect(t, "lines", lines.out.String(), "")
	expect(t, "text", text.out.String(), "")
}

func TestTheSumsArePrintedWhenStderrIsClosed(t *testing.T) {
	var out bytes.Buffer
	w := view.WatchText(&out, view.NewLine(&failing{}, view.WatchOptions{Clock: clockAt(at(14, 3))}))
	w.Observe(event(apply.InDoubt, "r_1", 10000))
	r := apply.Result{Stopped: context.Canceled}
	r.Earlier.Add(inr(10000))
	_ = w.End(r, 130)
	if !strings.Contains(out.String(), "in doubt earlier  1") || !strings.Contains(out.String(), "Stopped early") {
		t.Errorf("got\n%s", out.String())
	}
}
