package view_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"refundctl/apply"
	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
	"refundctl/state"
)

// whileFollowing reports every kind of event to a watch, with hostile texts.
func whileFollowing(w view.FollowWatch) error {
	moved := func(id string, was, is refund.Status, phase state.Phase) apply.Event {
		return apply.Event{Kind: apply.Moved, At: at(14, 3), AccountName: "shop", ID: refund.Identity{Parent: shop, RefundID: id}, Amount: inr(12045000),
			Was: was, Status: is, Phase: phase, CfRefundID: "41805719"}
	}
	paid := moved("refund_17", refund.Pending, refund.Success, state.Settled)
	w.Round(apply.FollowSummary{Waiting: tally(3, 12045000), InDoubt: tally(1, 100)})
	w.Observe(moved("refund_17", refund.Pending, refund.OnHold, state.Accepted))
	w.Observe(paid)
	paid.ARN = "74332746182"
	w.Observe(paid)
	w.Observe(moved("refund_18", refund.Pending, refund.Cancelled, state.Failed))
	w.Observe(moved("refund_19", refund.Pending, hostile, state.Accepted))
	w.Observe(moved("refund_20", "", "", state.NotSent))
	failed := moved("refund_21", "", refund.Pending, "")
	failed.Kind, failed.Code, failed.Message = apply.Unread, "missing_live", "accepted earlier, and not at the API now"
	w.Observe(failed)
	failed.Code, failed.Message = "", hostile
	w.Observe(failed)
	w.Round(apply.FollowSummary{Paid: tally(1, 12045000), Failed: tally(1, 100), Waiting: tally(1, 200)})
	return w.End(apply.FollowSummary{Paid: tally(1, 12045000), Failed: tally(1, 12045000), Waiting: tally(1, 100), InDoubt: tally(1, 5), NotSent: tally(1, 7)}, nil, 12, 4)
}

func tally(count int, minor int64) plan.Tally {
	t := plan.Tally{}
	t.Add(inr(minor))
	t.Count = count
	return t
}

func TestFollowPrintsChangesAndHighlightsWhatWillNotBePaid(t *testing.T) {
	clock := func() time.Time { return at(14, 3) }
	for name, terminal := range map[string]bool{"follow_80": true, "follow_pipe": false} {
		var progress bytes.Buffer
		o := view.WatchOptions{Style: view.Style{Width: 80, Color: terminal}, Terminal: terminal, Clock: clock, Interval: time.Minute}
		golden(t, name+"_out.txt", printed(t, func(w io.Writer) error {
			return whileFollowing(view.FollowText(w, o.Style, view.NewLine(&progress, o)))
		}))
		golden(t, name+"_err.txt", progress.Bytes())
	}
	golden(t, "follow.json", printed(t, func(w io.Writer) error { return whileFollowing(view.FollowJSON(w)) }))
}

func TestFollowKeepsTheFirstErrorOfItsWriter(t *testing.T) {
	for _, w := range []view.FollowWatch{
		view.FollowText(broken{}, view.Style{Width: 80}, view.NewLine(io.Discard, view.WatchOptions{Clock: time.Now})), view.FollowJSON(broken{}),
	} {
		if err := whileFollowing(w); !errors.Is(err, errBroken) {
			t.Errorf("%T: %v", w, err)
		}
	}
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// cancelling is a cancel whose texts are hostile.
func cancelling() (*apply.Cancellation, apply.Cancelled) {
	id := refund.Identity{Parent: shop, RefundID: "refund_17"}
	request, err := refund.CancelRequest(id, "the customer keeps it")
	if err != nil {
		panic(err)
	}
	live := refund.Live{RefundID: "refund_17", Amount: inr(12045000), Status: refund.OnHold, CfRefundID: "41805719"}
	c := &apply.Cancellation{Entry: state.Entry{AccountName: "shop", ID: id, CancelSent: at(13, 59)}, Live: live, Request: request}
	return c, apply.Cancelled{Class: apply.Unknown, HTTP: 500, Code: "internal_error", Text: hostile, Live: live}
}

func TestCancelShowsItsRequestAndItsResult(t *testing.T) {
	c, end := cancelling()
	for name, width := range map[string]int{"cancel_80.txt": 80, "cancel_200.txt": 200} {
		golden(t, name, printed(t, func(w io.Writer) error {
			err := view.CancelPlan(w, c, view.Style{Width: width})
			for _, kind := range []apply.CancelEnd{apply.CancelDone, apply.CancelRefused, apply.CancelNotSent, apply.CancelInDoubt} {
				end.Kind = kind
				err = errors.Join(err, view.CancelEnd(w, c, end, view.Style{Width: width}))
			}
			return err
		}))
	}
	end.Kind = apply.CancelInDoubt
	golden(t, "cancel.json", printed(t, func(w io.Writer) error { return view.CancelJSON(w, c, end) }))
}

func TestHistoryShowsACancel(t *testing.T) {
	c, _ := cancelling()
	records := []state.HistoryEvent{{Run: "run-1", Seq: 2, At: at(14, 3), Header: state.Header{Actor: "asha", Command: "refundctl cancel"},
		Cancel: &state.Cancel{AccountName: "shop", ID: c.Entry.ID, Amount: c.Live.Amount, Status: c.Live.Status, Request: c.Request}}}
	out := string(printed(t, func(w io.Writer) error { return view.History(w, records, view.Style{Width: 200}) }))
	for _, want := range []string{"cancel: ₹1,20,450.00 on order order_summer_fashion_001, pending ONHOLD before", "PUT /orders/order_summer_fashion_001/refunds/refund_17", "keeps it"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}
