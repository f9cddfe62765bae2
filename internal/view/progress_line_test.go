package view_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
)

func TestReadsAndWaitsAreShownOnTheTerminal(t *testing.T) {
	s := newStage(true, 80)
	s.watch.Read("shop", 0, 12340)
	expect(t, "begin", s.output(), "\r\x1b[Kreading 0/12,340")
	s.now = s.now.Add(time.Second)
	s.watch.Read("shop", 7, 12340)
	expect(t, "some", s.output(), "\r\x1b[Kreading 7/12,340")
	s.watch.Wait("shop", s.now.Add(59*time.Second))
	expect(t, "waiting", s.output(), "\r\x1b[Kreading 7/12,340 · waiting for the rate limit until 14:04:00")
	s.now = s.now.Add(time.Minute)
	s.watch.Read("shop", 8, 12340)
	expect(t, "no more", s.output(), "\r\x1b[Kreading 8/12,340")
	if _, err := io.WriteString(s.watch.Over(&s.out), "a document\n"); err != nil {
		t.Fatal(err)
	}
	expect(t, "what is written beside it makes it go", s.output()+s.out.String(), "\r\x1b[Ka document\n")
	s.watch.Clear()
	expect(t, "it is gone", s.output(), "")
}

func TestEachAccountHasItsOwnProgress(t *testing.T) {
	s := newStage(true, 80)
	s.watch.Read("flow", 0, 2)
	s.output()
	s.now = s.now.Add(time.Second)
	s.watch.Read("shop", 3, 40)
	expect(t, "reads", s.output(), "\r\x1b[Kreading 3/42\n  flow 0/2\n  shop 3/40")

	p := creates(3)
	p.Changes[0].AccountName = "flow"
	s.watch.Begin(p)
	expect(t, "begin", s.output(), "\r\x1b[K\x1b[A\r\x1b[K\x1b[A\r\x1b[K0/3 · ₹0.00 of ₹300.00\n  flow 0/1 · ₹0.00 of ₹100.00\n  shop 0/2 · ₹0.00 of ₹200.00")
	s.observe(10*time.Second, event(apply.Sending, "r_1", 10000), event(apply.Sent, "r_1", 10000))
	s.output()
	s.watch.Wait("shop", s.now.Add(50*time.Second))
	expect(t, "one of two", s.output(), "\r\x1b[K\x1b[A\r\x1b[K\x1b[A\r\x1b[K1/3 · ₹100.00 of ₹300.00 · 6 req/min · eta 50s\n  flow 0/1 · ₹0.00 of ₹100.00\n"+
		"  shop 1/2 · ₹100.00 of ₹200.00 · 6 req/min · eta 50s\n    waiting for the rate limit until 14:04:01")
	if err := s.watch.End(apply.Result{}, 0); err != nil {
		t.Fatal(err)
	}
	expect(t, "nothing of it stays", s.output(), strings.Repeat("\r\x1b[K\x1b[A", 3)+"\r\x1b[K")
}

func TestManyAccountsLeaveRoomOnTheScreen(t *testing.T) {
	s := newStage(true, 80)
	for i := range 30 {
		s.watch.Read(fmt.Sprintf("a%02d", i), 0, 1)
	}
	s.output()
	s.now = s.now.Add(time.Second)
	s.watch.Read("a29", 1, 1)
	shown := s.output()
	if lines := strings.Split(shown[strings.LastIndex(shown, "\r\x1b[K"):], "\n"); len(lines) != 9 || lines[8] != "  and 23 more accounts" {
		t.Errorf("%q", lines)
	}
}

func TestALogShowsReadsAtIntervalsAndALongWaitAtOnce(t *testing.T) {
	s := newStage(false, 80)
	for i := range 26 {
		s.watch.Read("shop", i, 340)
		s.now = s.now.Add(time.Second)
	}
	expect(t, "reads", s.output(), "reading 10/340\nreading 20/340\n")
	for range 3 {
		s.watch.Wait("shop", at(14, 4))
		s.now = s.now.Add(time.Second)
	}
	expect(t, "a long wait", s.output(), "reading 25/340 · waiting for the rate limit until 14:04:00\n")
	s.watch.Wait("shop", s.now.Add(2*time.Second))
	expect(t, "a short one", s.output(), "")
}

func TestCountsAreGroupedAsMoneyIs(t *testing.T) {
	var r apply.Result
	r.Sent = tally(120450, 12045000)
	s := newStage(false, 80)
	if err := s.watch.End(r, 0); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.out.String(), "sent      1,20,450  ₹1,20,450.00\nrefused          0\n") {
		t.Errorf("got\n%s", s.out.String())
	}
	if out := planText(t, large(30000), false); !strings.HasPrefix(out, "Plan: + 10,000 create ") {
		t.Errorf("got\n%.80s", out)
	}
}

func TestTheHintToFollowComesOnlyAfterACleanRun(t *testing.T) {
	for code, want := range map[int]string{0: "hint: refundctl follow waits until every sent refund is settled\n", 5: ""} {
		s := newStage(false, 80)
		if err := s.watch.End(apply.Result{Sent: tally(2, 100), Open: 2}, code); err != nil {
			t.Fatal(err)
		}
		expect(t, fmt.Sprint(code), s.output(), want)
	}
}

// down is a plan of n orders of which none could be read, and whose account is over its budget.
func down(n int) *plan.Plan {
	p := &plan.Plan{CreatedAt: at(14, 3), Refresh: plan.Auto, Parents: map[refund.Parent]plan.ParentRead{}}
	err := &refund.ReadError{Class: refund.Unreachable, Message: "connection refused"}
	budget := plan.Reason{Code: "budget_total", Message: "₹5.00 in total is more than max_total_amount ₹4.00", Hint: "send fewer at once"}
	for i := range n {
		parent := refund.Parent{Account: "fp-shop", Kind: refund.Order, ID: fmt.Sprintf("order_%d", i)}
		p.Parents[parent] = plan.ParentRead{Parent: parent, ListedAt: at(14, 0), Err: err}
		p.Changes = append(p.Changes, because(desired(parent, fmt.Sprintf("r_%d", i), inr(100), plan.Blocked, i+1),
			plan.Reason{Code: "unread", Message: parent.ID + " could not be read: " + err.Error(), Hint: "plan again"}, budget))
	}
	return p
}

func TestASharedReasonIsPrintedOnceWithItsCount(t *testing.T) {
	out := planText(t, down(5), false)
	for text, times := range map[string]int{
		"connection refused": 1, "5 orders, subscriptions and payments could not be read: ": 1, "₹5.00 in total is more than max_total_amount ₹4.00 [budget_total] (5 refunds)": 1,
		"more than max_total_amount": 1, "error: as above [unread]": 5, "error: as above [budget_total]": 5, "hint: send fewer at once": 1,
	} {
		top := strings.Join(strings.Fields(strings.Split(out, "\n\nPlan: ")[0]), " ") // as said, wherever lines end
		if n := strings.Count(top, text); n != times {
			t.Errorf("%q is there %d times, not %d:\n%s", text, n, times, out)
		}
	}
	if out := planText(t, down(1), false); !strings.Contains(out, "order_0 could not be read: unreachable: connection refused [unread]") {
		t.Errorf("one alone is shown where it is:\n%s", out)
	}
}

func TestProductionCannotBeOverlooked(t *testing.T) {
	p := few()
	p.Accounts = []plan.Account{{Name: "shop", API: "cashfree", Environment: "production", BaseURL: "https://api.cashfree.com/pg", Fingerprint: "fp-shop"}}
	for format, want := range map[view.Format]string{
		view.Text: "\nAccount shop: cashfree, PRODUCTION, https://api.cashfree.com/pg\n", view.Markdown: "PRODUCTION",
	} {
		if out := rendered(t, format, p); !strings.Contains(out, want) {
			t.Errorf("%s does not say %q:\n%s", format, want, out)
		}
	}
}

func TestAHeadingIsPrintedOnlyWithRows(t *testing.T) {
	if out := rendered(t, view.Markdown, down(2)); strings.Contains(out, "What differs") || !strings.Contains(out, "#### What to do\n") {
		t.Errorf("nothing differs:\n%s", out)
	}
	if out := rendered(t, view.HTML, few()); strings.Count(out, "<h2>") != 1 || !strings.Contains(out, "<h2>1 refund to send, ₹1.00</h2>") {
		t.Error("there are rows to send alone")
	}
}
