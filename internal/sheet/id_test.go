package sheet_test

import (
	"regexp"
	"slices"
	"testing"

	"refundctl/internal/sheet"
)

func idsOf(t *testing.T, text, batch string) (ids []string) {
	t.Helper()
	rows, whole := rowsOf(t, text, cashfree(batch))
	if len(whole) > 0 {
		t.Fatal(whole)
	}
	for _, r := range rows {
		ids = append(ids, r.Spec.RefundID)
	}
	return ids
}

const three = "order_id,amount\norder_1,100\norder_2,200\norder_1,100\n"

// The ids must never change: with another algorithm, importing a sheet again would create a second set
// of refunds. Another program computed these three.
func TestDerivedIDs_NeverChange(t *testing.T) {
	got := idsOf(t, three, "june")
	want := []string{"csv_t4cmqqsr5q6za2apqwvb", "csv_bsijhwnn55n2ntv6iuiu", "csv_ciojskti4lfiapjh6hn5"}
	if !slices.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	for _, id := range got {
		if !regexp.MustCompile(`^csv_[a-z2-7]{20}$`).MatchString(id) {
			t.Errorf("%q has the wrong form", id)
		}
	}
}

func TestDerivedIDs_DependOnlyOnBatchOrderAndCount(t *testing.T) {
	want := idsOf(t, three, "june")
	for name, text := range map[string]string{
		"other amounts":       "order_id,amount\norder_1,1\norder_2,2\norder_1,3\n",
		"bad amounts":         "order_id,amount\norder_1,x\norder_2,\norder_1,-3\n",
		"cut-off rows":        "order_id,amount\norder_1\norder_2\norder_1\n",
		"other columns":       "Note,Order No,Amount (INR)\na,order_1,1\nb,order_2,2\nc,order_1,3\n",
		"other written":       "order_id,amount\n 'order_1,1\norder_2 ,2\n\"=\"\"order_1\"\"\",3\n",
		"blank rows":          "order_id,amount\n\norder_1,1\n,\norder_2,2\n\norder_1,3\n",
		"rows of others last": three + "order_3,5\n",
	} {
		if got := idsOf(t, text, "june")[:3]; !slices.Equal(got, want) {
			t.Errorf("%s: %v\nwant %v", name, got, want)
		}
	}
	moved := idsOf(t, "order_id,amount\norder_2,200\norder_1,100\norder_1,100\n", "june")
	if !slices.Equal(moved, []string{want[1], want[0], want[2]}) {
		t.Errorf("orders in another order: %v", moved)
	}
	for _, id := range idsOf(t, three, "july") {
		if slices.Contains(want, id) {
			t.Errorf("%s is in two batches", id)
		}
	}
}

// A row that gets its own refund_id later must not shift the ids of the rows below it.
func TestDerivedIDs_RowsWithTheirOwnIDCount(t *testing.T) {
	made := idsOf(t, "order_id,refund_id,amount\norder_1,,1\norder_1,,2\n", "june")
	mixed := idsOf(t, "order_id,refund_id,amount\norder_1,mine,1\norder_1,,2\n", "june")
	if mixed[0] != "mine" || mixed[1] != made[1] {
		t.Errorf("%v beside %v", mixed, made)
	}
}

func TestDerivedIDs_LengthsSeparateBatchAndOrder(t *testing.T) {
	a := idsOf(t, "order_id,amount\n1order,1\n", "june")
	b := idsOf(t, "order_id,amount\norder,1\n", "june1")
	if a[0] == b[0] {
		t.Error("june + 1order is june1 + order")
	}
}

func TestABatchIsALabel(t *testing.T) {
	if s := only(t, "order_id,refund_id,amount\no_1,r_1,5\n", cashfree("june")); s.Labels[sheet.BatchLabel] != "june" {
		t.Errorf("%v", s.Labels)
	}
	if s := only(t, "order_id,refund_id,amount\no_1,r_1,5\n", cashfree("")); s.Labels[sheet.BatchLabel] != "" {
		t.Errorf("%v", s.Labels)
	}
}
