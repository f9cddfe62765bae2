package plan_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/plan"
	"refundctl/state"
)

// Each case is a row of the table of actions, or a border between two.
func TestEachRefundGetsTheFirstMatchingAction(t *testing.T) {
	cases := []struct {
		name  string
		setup func(*bench)
		want  []string
	}{
		{"desired and not live is created", func(b *bench) { b.want("o1", "r1", "10") }, []string{"+ r1"}},
		{"live and SUCCESS is in sync", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "r1", "10", refund.Success) }, []string{"= r1"}},
		{"live and PENDING is pending", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "r1", "10", refund.Pending) }, []string{"… r1"}},
		{"live and ONHOLD is pending with attention", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "r1", "10", refund.OnHold) }, []string{"… r1 (on_hold)"}},
		{"R18: an unknown word is pending", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "r1", "10", "PENDING_APPROVAL") }, []string{"… r1 (unknown_status)"}},
		{"live and CANCELLED is failed", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "r1", "10", refund.Cancelled) }, []string{"x r1 dead"}},
		{"live and FAILED is failed", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "r1", "10", refund.Failed) }, []string{"x r1 dead"}},
		{"another amount is a conflict even if cancelled", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "r1", "11", refund.Failed) }, []string{"! r1 amount_differs"}},
		{"another parent in the live refund is a conflict", func(b *bench) {
			b.want("o1", "r1", "10")
			b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.ParentID = "o9" })
		}, []string{"! r1 parent_differs"}},
		{"two live refunds under one id are a conflict", func(b *bench) {
			b.want("o1", "r1", "10")
			b.live("o1", "r1", "10", refund.Success)
			b.live("o1", "r1", "10", refund.Success)
		}, []string{"! r1 live_twice"}},
		{"splits are compared if the live refund has them", func(b *bench) {
			b.want("o1", "r1", "10")
			b.live("o1", "r1", "10", refund.Success, func(l *refund.Live) { l.Splits = []refund.Split{{VendorID: "v", Amount: inr(b.t, "5")}} })
		}, []string{"! r1 splits_differ"}},
		{"live and made elsewhere is unmanaged", func(b *bench) { b.want("o1", "r1", "10"); b.live("o1", "dash", "20", refund.Success) }, []string{"+ r1", "* dash not_in_manifest"}},
		{"held is shown, not sent", func(b *bench) { b.want("o1", "r1", "10", hold) }, []string{"h r1 hold"}},
		{"live wins over hold", func(b *bench) {
			b.want("o1", "r1", "10", hold)
			b.live("o1", "r1", "10", refund.Success)
		}, []string{"= r1"}},
		{"settled in the ledger is in sync without a read", func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
		}, []string{"= r1"}},
		{"settled with another amount is a conflict without a read", func(b *bench) {
			b.want("o1", "r1", "11")
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
		}, []string{"! r1 amount_differs"}},
		{"failed in the ledger is failed without a read", func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Failed, refund.Cancelled)
		}, []string{"x r1 dead"}},
		{"accepted long ago and absent is a conflict", func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
		}, []string{"! r1 missing_live"}},
		{"accepted just now and absent is pending", func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
			b.in.Clock = func() time.Time { return noon.Add(-24 * time.Hour).Add(9 * time.Minute) }
		}, []string{"… r1 not_visible_yet"}},
		{"an intent without an outcome is in doubt", func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Intended, "")
		}, []string{"? r1 outcome_unknown"}},
		{"an intent that is live is not in doubt", func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Intended, "")
			b.live("o1", "r1", "10", refund.Pending)
		}, []string{"… r1"}},
		{"in doubt wins over hold", func(b *bench) {
			b.want("o1", "r1", "10", hold)
			b.remember("o1", "r1", "10", state.Intended, "")
		}, []string{"? r1 outcome_unknown"}},
		{"in doubt without a row stays in doubt", func(b *bench) {
			b.remember("o1", "r1", "10", state.Intended, "")
		}, []string{"? r1 outcome_unknown"}},
		{"refused before is created with the next attempt", func(b *bench) {
			b.want("o1", "r1", "10")
			b.remember("o1", "r1", "10", state.Refused, "")
		}, []string{"+ r1 (earlier_attempt)"}},
		{"in the ledger and in no manifest is orphaned", func(b *bench) {
			b.remember("o1", "r1", "10", state.Settled, refund.Success)
		}, []string{"o r1 not_in_manifest"}},
		{"refused once, live now, and in no manifest is unmanaged", func(b *bench) {
			b.remember("o1", "r1", "10", state.Refused, "")
			b.live("o1", "r1", "10", refund.Success)
			b.want("o1", "r2", "20")
		}, []string{"+ r2", "* r1 not_in_manifest"}},
		{"R3: an id of another parent in the ledger is a conflict", func(b *bench) {
			b.paid("o2", "50", noon)
			b.remember("o2", "r1", "10", state.Settled, refund.Success)
			b.want("o1", "r1", "10")
		}, []string{"! r1 refund_id_moved", "o r1 not_in_manifest"}},
		{"R3: refused under another parent does not bind the id", func(b *bench) {
			b.remember("o2", "r1", "10", state.Refused, "")
			b.want("o1", "r1", "10")
		}, []string{"+ r1"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			c.setup(b)
			b.expect(c.want...)
		})
	}
}

func TestAutoReadsOnlyWhatAVerdictDependsOn(t *testing.T) {
	t.Run("settled refunds cost no read", func(t *testing.T) {
		b := newBench(t)
		b.want("o1", "r1", "10")
		b.remember("o1", "r1", "10", state.Settled, refund.Success)
		if p := b.plan(); p.Reads != 0 {
			t.Errorf("%d reads", p.Reads)
		}
		b.reads()
	})
	t.Run("a new order costs its list and its payments", func(t *testing.T) {
		b := newBench(t)
		b.want("o1", "r1", "10")
		b.want("o1", "r2", "20")
		if p := b.plan(); p.Reads != 2 {
			t.Errorf("%d reads", p.Reads)
		}
		b.reads("list o1", "payments o1")
	})
	t.Run("payment facts are remembered", func(t *testing.T) {
		b := newBench(t)
		b.remember("o1", "r1", "10", state.Settled, refund.Success)
		b.want("o1", "r2", "20")
		b.plan()
		b.reads("list o1")
	})
	t.Run("remembered facts that do not suffice are read again", func(t *testing.T) {
		b := newBench(t)
		b.remember("o1", "r1", "10", state.Settled, refund.Success)
		b.paid("o1", "500", noon)
		b.want("o1", "r2", "1200")
		b.expect("+ r2", "o r1 not_in_manifest")
		b.reads("list o1", "payments o1")
	})
	t.Run("an accepted refund costs one list", func(t *testing.T) {
		b := newBench(t)
		b.want("o1", "r1", "10")
		b.remember("o1", "r1", "10", state.Accepted, refund.Pending)
		b.live("o1", "r1", "10", refund.Pending)
		b.expect("… r1")
		b.reads("list o1")
	})
	t.Run("a held refund costs as much as one that would be sent", func(t *testing.T) {
		b := newBench(t)
		b.want("o1", "r1", "10", hold)
		b.plan()
		b.reads("list o1", "payments o1")
	})
	t.Run("none reads nothing", func(t *testing.T) {
		b := newBench(t)
		b.in.Refresh = plan.None
		b.want("o1", "r1", "10")
		b.expect("+ r1")
		b.reads()
	})
	t.Run("all reads every parent", func(t *testing.T) {
		b := newBench(t)
		b.in.Refresh = plan.All
		b.want("o1", "r1", "10")
		b.remember("o1", "r1", "10", state.Settled, refund.Success)
		b.live("o1", "r1", "10", refund.Success)
		b.expect("= r1")
		b.reads("list o1")
	})
	t.Run("what is not selected is not read", func(t *testing.T) {
		b := newBench(t)
		b.paid("o2", "50", noon)
		b.want("o1", "r1", "10")
		b.want("o2", "r2", "10")
		b.in.Selected = func(s refund.Spec) bool { return s.RefundID == "r2" }
		b.expect("+ r2")
		b.reads("list o2", "payments o2")
	})
}

func TestAParentThatCannotBeReadBlocksOnlyItself(t *testing.T) {
	b := newBench(t)
	b.paid("o2", "50", noon)
	b.paid("o3", "50", noon)
	b.world.fails["o2"] = &refund.ReadError{Class: refund.Unreachable, HTTP: 502}
	b.want("o1", "r1", "10")
	b.want("o2", "r2", "10")
	b.want("o4", "r4", "10")
	b.expect("+ r1", "# r2 unread", "# r4 parent_unknown")
}

func TestRefusedCredentialsEndThePlan(t *testing.T) {
	b := newBench(t)
	b.world.fails["o1"] = &refund.ReadError{Class: refund.Credentials, HTTP: 401}
	b.want("o1", "r1", "10")
	_, err := plan.Make(context.Background(), b.in)
	if refund.ReadClassOf(err) != refund.Credentials {
		t.Errorf("got %v", err)
	}
}

func TestACancelledContextReturnsNoPlan(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := plan.Make(ctx, b.in); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReadsStayWithinTheParallelism(t *testing.T) {
	b := newBench(t)
	b.in.Parallelism = 3
	for i := range 40 {
		order := "p" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		b.paid(order, "50", noon)
		b.want(order, "r_"+order, "10")
	}
	if p := b.plan(); len(p.Rows(plan.Create)) != 40 || b.world.most > 3 {
		t.Errorf("%d creates, %d reads at once", len(p.Rows(plan.Create)), b.world.most)
	}
}

func TestKindsWithoutAListAreReadOneByOne(t *testing.T) {
	b := newBench(t)
	b.in.AcceptOlder = true // r2 is not in the ledger
	sub := func(s *refund.Spec) { s.Kind, s.PaymentID = refund.Subscription, "pay" }
	b.want("s1", "r1", "10", sub)
	b.want("s1", "r2", "20", sub)
	b.live("s1", "r2", "20", refund.Success, func(l *refund.Live) { l.ParentID, l.PaymentID = "", "pay" })
	b.expect("+ r1 (not_checkable)", "= r2")
	b.reads("get r1", "get r2")
}

func TestAccountsTakeTurnsWhenTheyAreRead(t *testing.T) {
	b := newBench(t)
	b.in.Parallelism = 1
	b.in.Accounts = append(b.in.Accounts, plan.Account{Name: "router", API: "flowwise", Environment: "sandbox", Fingerprint: "another"})
	b.in.Readers["another"] = b.world
	for _, id := range []string{"r1", "r2", "r3"} {
		b.want("pay_"+id, id, "10", ofKind(refund.Payment))
	}
	b.want("pay_r4", "r4", "10", func(s *refund.Spec) { s.Kind, s.Account = refund.Payment, "router" })
	b.plan()
	if want := []string{"get r1", "get r4", "get r2", "get r3"}; !slices.Equal(b.world.asked, want) {
		t.Errorf("asked %q, want %q", b.world.asked, want)
	}
}

// What was sent is followed also where no manifest asks for it any more.
func TestRefreshAllAlsoReadsUnsettledRefundsOfKindsWithoutAList(t *testing.T) {
	b := newBench(t)
	id := refund.Identity{Parent: refund.Parent{Account: merchant, Kind: refund.Payment, ID: "pay_1"}, RefundID: "r1"}
	err := b.sess.Finish(t.Context(), state.Outcome{AccountName: "default", ID: id, Phase: state.Accepted, Amount: inr(t, "10"), Status: refund.Pending, How: "adopted"})
	if err != nil {
		t.Fatal(err)
	}
	b.live("pay_1", "r1", "10", refund.Success, func(l *refund.Live) { l.ParentID = "pay_1" })
	b.plan()
	b.reads()
	b.in.Refresh = plan.All
	if p := b.plan(); p.Changes[0].Live == nil || p.Changes[0].Live.Status != refund.Success {
		t.Errorf("%+v", p.Changes[0])
	}
	b.reads("get r1")
}

func TestACreateCarriesItsBytesAndKey(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10.50")
	c := b.plan().Rows(plan.Create)[0]
	if want := `{"refund_id":"r1","refund_amount":10.50}`; string(c.Request.Body) != want || c.Request.Path != "/orders/o1/refunds" {
		t.Errorf("would send %s to %s", c.Request.Body, c.Request.Path)
	}
	if c.Key != refund.Key(c.ID, 1) || c.Attempt != 1 {
		t.Errorf("attempt %d under %s", c.Attempt, c.Key)
	}
}

func TestTheSameProjectInAnyOrderGivesTheSamePlan(t *testing.T) {
	make := func(reverse bool) string {
		b := newBench(t)
		for _, id := range []string{"r1", "r2", "r3"} {
			b.want("o1", id, "1"+id[1:])
		}
		if reverse {
			b.in.Specs[0], b.in.Specs[2] = b.in.Specs[2], b.in.Specs[0]
		}
		return rows(b.plan())
	}
	if a, b := make(false), make(true); a != b {
		t.Errorf("%s\n\n%s", a, b)
	}
}

func TestTallyKeepsCurrenciesApart(t *testing.T) {
	var tally plan.Tally
	for _, a := range []money.Amount{{Minor: 5, Currency: "USD"}, {Minor: 7, Currency: "INR"}, {Minor: 1, Currency: "USD"}} {
		tally.Add(a)
	}
	if tally.Count != 3 || len(tally.Amounts) != 2 || tally.Amounts[0].Minor != 7 || tally.Amounts[1].Minor != 6 {
		t.Errorf("%+v", tally)
	}
}

func TestARowThatCannotBeRenderedIsBlockedAndNothingIsSentForIt(t *testing.T) {
	b := newBench(t)
	b.want("o1", "r1", "10", func(s *refund.Spec) { s.Kind, s.PaymentID = "gift", "" })
	p := b.plan()
	if c := p.Changes[0]; c.Action != plan.Blocked || c.Request != nil || c.Reasons[0].Code != "not_renderable" {
		t.Errorf("%c %+v", c.Action, c.Reasons)
	}
}
