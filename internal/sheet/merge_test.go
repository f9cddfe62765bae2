package sheet_test

import (
	"strings"
	"testing"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sheet"
)

func inr(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: money.INR} }

func spec(order, id string, minor int64) refund.Spec {
	return refund.Spec{Account: "default", Kind: refund.Order, ParentID: order, RefundID: id, Amount: inr(minor), Labels: map[string]string{"batch": "june"},
		Source: diag.Place{File: "refunds/june.refunds.yaml", Line: 3}}
}

func take(m *sheet.Merge, s refund.Spec) (sheet.Verdict, string) {
	v, problems := m.Take(sheet.Row{Number: 7, Spec: s})
	text := ""
	for _, p := range problems {
		text += p.Message + " [" + p.Code + "]"
	}
	return v, text
}

func TestMerge_ComparesARowWithTheManifests(t *testing.T) {
	held := []refund.Spec{spec("order_1", "r_1", 100), spec("order_2", "r_2", 200)}
	elsewhere := spec("order_9", "r_9", 900)
	elsewhere.Account = "other"
	noted := spec("order_1", "r_1", 100)
	noted.Note = "another note"
	for name, c := range map[string]struct {
		row     refund.Spec
		verdict sheet.Verdict
		says    string
	}{
		"equal":            {spec("order_1", "r_1", 100), sheet.Unchanged, ""},
		"other note":       {noted, sheet.Unchanged, "[differs]"},
		"new":              {spec("order_3", "r_3", 100), sheet.Added, ""},
		"of other account": {spec("order_9", "r_9", 1), sheet.Added, ""},
		"other amount":     {spec("order_1", "r_1", 101), sheet.Refused, "refund r_1 is ₹1.01, but ₹1.00 in the manifest (refunds/june.refunds.yaml:3) [changed]"},
		"other order":      {spec("order_2", "r_1", 100), sheet.Refused, "refund r_1 is for order order_2, but for order order_1 in the manifest (refunds/june.refunds.yaml:3) [changed]"},
		"looks the same":   {spec("order_1", "r_4", 100), sheet.Added, "it has the same order and amount as refund r_1 at refunds/june.refunds.yaml:3 [duplicate_suspected]"},
	} {
		verdict, says := take(sheet.NewMerge(append(held, elsewhere), "default", "june"), c.row)
		if verdict != c.verdict || !strings.Contains(says, c.says) || c.says == "" && says != "" {
			t.Errorf("%s: %d %s; want %d %s", name, verdict, says, c.verdict, c.says)
		}
	}
}

func TestMerge_AnIDIsInASheetOnce(t *testing.T) {
	m := sheet.NewMerge(nil, "default", "")
	if v, says := take(m, spec("order_1", "r_1", 100)); v != sheet.Added || says != "" {
		t.Fatalf("%d %s", v, says)
	}
	if v, says := take(m, spec("order_1", "r_1", 100)); v != sheet.Refused || !strings.Contains(says, "is already in row 7 [duplicate_refund_id]") {
		t.Errorf("%d %s", v, says)
	}
	if v, says := take(m, spec("order_1", "r_2", 100)); v != sheet.Added || !strings.Contains(says, "as row 7 [duplicate_suspected]") {
		t.Errorf("twins of a sheet: %d %s", v, says)
	}
}

// The refund of a row that failed has not vanished, and its id is taken.
func TestMerge_VanishedRefundsAreOfTheBatchAndNotInTheSheet(t *testing.T) {
	other, foreign := spec("order_4", "r_4", 400), spec("order_5", "r_5", 500)
	other.Labels, foreign.Account = map[string]string{"batch": "may"}, "other"
	m := sheet.NewMerge([]refund.Spec{spec("order_1", "r_1", 100), spec("order_2", "r_2", 200), spec("order_3", "r_3", 300), other, foreign}, "default", "june")
	_, _ = take(m, spec("order_1", "r_1", 100))
	_, _ = m.Take(sheet.Row{Number: 3, Spec: spec("order_2", "r_2", 0), Problems: []sheet.Problem{{Code: "amount"}}})
	gone := m.Gone()
	if len(gone) != 1 || gone[0].RefundID != "r_3" {
		t.Errorf("%v", gone)
	}
	again := spec("order_1", "r_1_r2", 100)
	again.Supersedes = "r_1"
	m = sheet.NewMerge([]refund.Spec{spec("order_1", "r_1", 100), again}, "default", "june")
	_, _ = take(m, spec("order_1", "r_1", 100))
	if gone := m.Gone(); len(gone) != 0 {
		t.Errorf("a reissued refund was never in the sheet and must not be reported: %v", gone)
	}
	if got := sheet.NewMerge([]refund.Spec{spec("order_1", "r_1", 100)}, "default", "").Gone(); len(got) != 0 {
		t.Errorf("without a batch nothing vanishes: %v", got)
	}
}

func TestMerge_AFileBelongsToASheetByARefundOrTheBatch(t *testing.T) {
	held := []refund.Spec{spec("order_1", "r_1", 100)}
	for batch, want := range map[string]bool{"june": true, "may": false, "": false} {
		if got := sheet.NewMerge(held, "default", batch).Meets("refunds/june.refunds.yaml"); got != want {
			t.Errorf("batch %q: %v", batch, got)
		}
	}
	m := sheet.NewMerge(held, "default", "")
	_, _ = take(m, spec("order_1", "r_1", 100))
	if !m.Meets("refunds/june.refunds.yaml") || m.Meets("refunds/other.refunds.yaml") {
		t.Error("a shared refund does not identify the file")
	}
}
