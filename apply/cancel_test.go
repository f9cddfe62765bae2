package apply_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/state"
)

// canceller answers one cancel, which it may have carried out.
type canceller struct {
	*api
	answer refund.Answer
	done   refund.Status // the new status of the refund of o1; empty leaves it
	puts   []string
	before func() // called when the request arrives
}

func (c *canceller) Cancel(_ context.Context, r refund.Request) refund.Answer {
	c.puts = append(c.puts, r.Method+" "+r.Path+" "+string(r.Body))
	if c.before != nil {
		c.before()
	}
	if l := c.live["o1"]; c.done != "" {
		l[0].Status = c.done
		if c.answer.HTTP == 200 && c.answer.Live == nil {
			seen := l[0]
			c.answer.Live = &seen
		}
	}
	return c.answer
}

// cancelR1 prepares and performs a cancel of r1, which was accepted.
func cancelR1(t *testing.T, p *project, c *canceller, change func(*apply.Cancellation)) (apply.Cancelled, error) {
	t.Helper()
	s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e, _ := s.State().Entry(identity("o1", "r1"))
	one := &apply.Cancellation{Ledger: s, Entry: e, Remarks: "kept", Reader: c.api, Canceller: c, ReadDelay: 3 * time.Second, Clock: time.Now}
	if err := one.Prepare(context.Background()); err != nil {
		return apply.Cancelled{}, err
	}
	if change != nil {
		change(one)
	}
	return one.Perform(context.Background())
}

func TestACancelIsJudgedByItsAnswerAndTheReadAfterIt(t *testing.T) {
	for name, c := range map[string]struct {
		answer refund.Answer
		done   refund.Status
		want   apply.CancelEnd
		phase  state.Phase
		open   bool // in the ledger
	}{
		"done":                            {refund.Answer{HTTP: 200}, refund.Cancelled, apply.CancelDone, state.Failed, false},
		"done, answer lost":               {refund.Answer{Cause: "reset"}, refund.Cancelled, apply.CancelDone, state.Failed, false},
		"done, another answer":            {refund.Answer{HTTP: 200, Live: &refund.Live{RefundID: "r2", ParentID: "o1", Amount: rupees(10), Status: refund.Cancelled}}, refund.Cancelled, apply.CancelDone, state.Failed, false},
		"another answer, not done":        {refund.Answer{HTTP: 200, Live: &refund.Live{RefundID: "r2", ParentID: "o1", Amount: rupees(10), Status: refund.Cancelled}}, "", apply.CancelInDoubt, state.Accepted, true},
		"another amount, not done":        {refund.Answer{HTTP: 200, Live: &refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(9), Status: refund.Cancelled}}, "", apply.CancelInDoubt, state.Accepted, true},
		"200 without a refund":            {refund.Answer{HTTP: 200, Cause: "not JSON"}, "", apply.CancelInDoubt, state.Accepted, true},
		"200, still pending":              {refund.Answer{HTTP: 200}, refund.Pending, apply.CancelInDoubt, state.Accepted, true},
		"lost":                            {refund.Answer{Cause: "reset"}, "", apply.CancelInDoubt, state.Accepted, true},
		"500":                             {refund.Answer{HTTP: 500}, "", apply.CancelInDoubt, state.Accepted, true},
		"redirect":                        {refund.Answer{HTTP: 302}, "", apply.CancelInDoubt, state.Accepted, true},
		"refused":                         {refund.Answer{HTTP: 400, Code: "refund_invalid"}, "", apply.CancelRefused, state.Accepted, false},
		"refused, since it succeeded":     {refund.Answer{HTTP: 400}, refund.Success, apply.CancelRefused, state.Settled, false},
		"refused, since it was cancelled": {refund.Answer{HTTP: 400}, refund.Cancelled, apply.CancelDone, state.Failed, false},
		"lost, and it succeeded":          {refund.Answer{Cause: "reset"}, refund.Success, apply.CancelRefused, state.Settled, false},
		"lost, and it failed by itself":   {refund.Answer{Cause: "reset"}, refund.Failed, apply.CancelRefused, state.Failed, false},
		"throttled":                       {refund.Answer{HTTP: 429}, "", apply.CancelNotSent, state.Accepted, false},
		"never left":                      {refund.Answer{NotSent: true, Cause: "refused"}, "", apply.CancelNotSent, state.Accepted, false},
		"credentials":                     {refund.Answer{HTTP: 401}, "", apply.CancelNotSent, state.Accepted, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.apply()
				api := &canceller{api: p.api, answer: c.answer, done: c.done}
				end, err := cancelR1(t, p, api, nil)
				if err != nil || end.Kind != c.want || len(api.puts) != 1 {
					t.Errorf("%v: %+v after %q", err, end, api.puts)
				}
				if (end.RequestID == "") != c.answer.NotSent {
					t.Errorf("the x-request-id to quote is %q", end.RequestID)
				}
				if e := p.entry("r1"); e.Phase != c.phase || e.CancelSent.IsZero() == c.open {
					t.Errorf("the ledger says %s, cancel sent %v", e.Phase, e.CancelSent)
				}
			})
		})
	}
}

func TestR1_ACancelIsInTheLedgerBeforeItsRequestIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.apply()
		api := &canceller{api: p.api, answer: refund.Answer{HTTP: 200}, done: refund.Cancelled}
		api.before = func() {
			if e := p.entry("r1"); e.CancelSent.IsZero() {
				t.Errorf("the PUT arrived, but the ledger says %+v", e)
			}
		}
		if _, err := cancelR1(t, p, api, nil); err != nil {
			t.Fatal(err)
		}
		if want := `PUT /orders/o1/refunds/r1 {"refund_status":"CANCELLED","remarks":"kept"}`; strings.Join(api.puts, "\n") != want {
			t.Errorf("sent %q", api.puts)
		}
	})
}

func TestACancelWithoutADurableIntentIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.apply()
		api := &canceller{api: p.api}
		_, err := cancelR1(t, p, api, func(c *apply.Cancellation) { c.Ledger = brokenLedger{} })
		if !errors.Is(err, errDisk) || len(api.puts) != 0 {
			t.Errorf("%v, sent %q", err, api.puts)
		}
	})
}

// The ledger knows the splits that it asked for. Of an adopted refund it knows those that the API listed then.
func TestACancelNeedsTheSplitsThatTheLedgerKnows(t *testing.T) {
	vendor := []refund.Split{{VendorID: "v1", Amount: rupees(1)}}
	for name, c := range map[string]struct {
		adopted bool
		known   []refund.Split
		want    string
	}{
		"asked for without splits":              {false, nil, "conflict"},
		"adopted without them":                  {true, nil, ""},
		"adopted with the splits of the answer": {true, vendor, ""},
		"adopted with other splits":             {true, []refund.Split{{VendorID: "v2", Amount: rupees(1)}}, "conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				if c.adopted {
					p.api.others("o1", refund.Live{RefundID: "r1", ParentID: "o1", CfRefundID: "cf_r1", Amount: p.specs[0].Amount,
						Status: refund.Pending, Splits: c.known, CreatedAt: time.Now()})
					p.specs[0].Splits = c.known
				}
				p.apply()
				p.api.live["o1"][0].Splits = vendor
				api := &canceller{api: p.api, answer: refund.Answer{HTTP: 200}, done: refund.Cancelled}
				_, err := cancelR1(t, p, api, nil)
				var no *apply.CannotCancel
				if errors.As(err, &no); (err != nil) != (c.want != "") || no != nil && no.Code != c.want || (len(api.puts) == 1) != (c.want == "") {
					t.Errorf("%v, sent %q", err, api.puts)
				}
			})
		})
	}
}

// A person takes a quarter of an hour to answer the question.
func TestR19_AnOldReadIsRepeatedBeforeACancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1")
		p.apply()
		api := &canceller{api: p.api}
		_, err := cancelR1(t, p, api, func(*apply.Cancellation) {
			time.Sleep(15 * time.Minute) // virtual
			p.api.live["o1"][0].Status = refund.Success
		})
		var no *apply.CannotCancel
		if !errors.As(err, &no) || no.Code != "settled" || len(api.puts) != 0 {
			t.Errorf("%v, sent %q", err, api.puts)
		}
		if e := p.entry("r1"); e.Phase != state.Settled {
			t.Errorf("the ledger says %s", e.Phase)
		}
	})
}

func TestARefundThatCannotBeCancelledIsRefused(t *testing.T) {
	other := refund.Live{RefundID: "r1", ParentID: "o1", Amount: rupees(9), Status: refund.Pending}
	for name, c := range map[string]struct {
		entry func(*state.Entry)
		live  func(*api)
		code  string
	}{
		"in doubt":               {entry: func(e *state.Entry) { e.Phase = state.Intended }, code: "in_doubt"},
		"settled in the ledger":  {entry: func(e *state.Entry) { e.Phase = state.Settled }, code: "settled"},
		"failed in the ledger":   {entry: func(e *state.Entry) { e.Phase = state.Failed }, code: "settled"},
		"refused":                {entry: func(e *state.Entry) { e.Phase = state.Refused }, code: "not_sent"},
		"not known":              {entry: func(e *state.Entry) { e.Phase = "" }, code: "not_sent"},
		"a ledger in conflict":   {entry: func(e *state.Entry) { e.Conflict = "two ids" }, code: "conflict"},
		"a subscription's":       {entry: func(e *state.Entry) { e.ID.Kind = refund.Subscription }, code: "kind"},
		"gone":                   {live: func(a *api) { a.live["o1"] = nil }, code: "missing_live"},
		"another amount":         {live: func(a *api) { a.live["o1"] = []refund.Live{other} }, code: "conflict"},
		"two under one id":       {live: func(a *api) { a.live["o1"] = append(a.live["o1"], other) }, code: "conflict"},
		"paid meanwhile":         {live: func(a *api) { a.live["o1"][0].Status = refund.Success }, code: "settled"},
		"a status nobody knows":  {live: func(a *api) { a.live["o1"][0].Status = "WAITING" }, code: "status"},
		"another refund's cf_id": {live: func(a *api) { a.live["o1"][0].CfRefundID = "another" }, code: "conflict"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProject(t, "o1/r1")
				p.apply()
				if c.live != nil {
					c.live(p.api)
				}
				s, err := state.Open(context.Background(), p.backend, state.Options{Clock: time.Now})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				e, _ := s.State().Entry(identity("o1", "r1"))
				if c.entry != nil {
					c.entry(&e)
				}
				one := &apply.Cancellation{Ledger: s, Entry: e, Remarks: "kept", Reader: p.api, Clock: time.Now}
				var no *apply.CannotCancel
				if err := one.Prepare(context.Background()); !errors.As(err, &no) || no.Code != c.code || !strings.Contains(no.Error(), "r1") {
					t.Errorf("%v, want %s", err, c.code)
				}
			})
		})
	}
}
