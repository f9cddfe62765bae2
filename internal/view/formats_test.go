package view_test

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"refundctl/internal/refund"
	"refundctl/internal/view"
	"refundctl/plan"
)

// detailed is the tricky plan with a conflict in every field that can differ, labels, splits and notes.
func detailed() *plan.Plan {
	p := tricky()
	for i := range p.Changes {
		switch c := &p.Changes[i]; c.ID.RefundID {
		case "r_conflict":
			c.PaymentID, c.Spec.Note = "pay_1", "Customer requested size exchange"
			c.Spec.Splits = []refund.Split{{VendorID: "Vendor01", Amount: inr(50)}}
			c.Live.Amount, c.Live.ParentID, c.Live.PaymentID, c.Live.Note = inr(200), "order_summer_fashion_010", "pay_2", "Customer requested size refund"
			c.Live.Splits = []refund.Split{{VendorID: "Vendor02", Amount: inr(60)}}
		case "refund_summer_fashion_001_size":
			c.Spec.Note, c.Spec.Speed, c.Spec.Supersedes = "Size exchange", "STANDARD", "refund_old"
			c.Spec.Labels = map[string]string{"ticket": "CS-4411", "requested_by": "returns-desk"}
			c.Spec.Splits = []refund.Split{{VendorID: "Vendor01", Amount: inr(10012)}}
		case "r_over_1":
			c.Spec.Labels = map[string]string{"ticket": "CS-4412"}
		}
	}
	return p
}

var formats = []view.Format{view.Text, view.JSON, view.Markdown, view.HTML}

func rendered(t *testing.T, f view.Format, p *plan.Plan) string {
	t.Helper()
	return string(printed(t, func(w io.Writer) error {
		return view.RenderPlan(w, f, p, view.PlanFile{Digest: "4f2a9c", ExpiresAt: at(20, 0)}, view.PlanOptions{})
	}))
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	if err := view.RenderPlan(io.Discard, "pdf", detailed(), view.PlanFile{}, view.PlanOptions{}); err == nil || !strings.Contains(err.Error(), "html") {
		t.Errorf("%v: it does not say what there is", err)
	}
}

func TestEveryFormatReportsAFailingWriterAndPrintsASumThatDoesNotFit(t *testing.T) {
	huge := settledPlan(2)
	huge.Changes[0].Amount.Minor = 1<<63 - 2
	for _, f := range formats {
		if err := view.RenderPlan(&failing{5}, f, detailed(), view.PlanFile{}, view.PlanOptions{}); !errors.Is(err, errClosed) {
			t.Errorf("%s: %v", f, err)
		}
		if err := view.RenderPlan(io.Discard, f, huge, view.PlanFile{}, view.PlanOptions{}); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestTheSamePlanGivesTheSameBytes(t *testing.T) {
	for _, f := range formats {
		if a, b := rendered(t, f, detailed()), rendered(t, f, detailed()); a != b {
			t.Errorf("%s differs", f)
		}
	}
}

func TestEveryFormatShowsTheExpiryAndDigestOfASavedPlan(t *testing.T) {
	for _, f := range formats {
		out := rendered(t, f, detailed())
		digest := "4f2a9c"
		if f == view.JSON { // of the document itself
			digest = regexp.MustCompile(`"digest":"[0-9a-f]{64}"`).FindString(out)
		}
		if digest == "" || !strings.Contains(out, digest) || !strings.Contains(out, "2026-06-09") {
			t.Errorf("%s has no digest or no time:\n%s", f, out)
		}
	}
}
