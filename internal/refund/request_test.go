package refund

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"refundctl/internal/diag"
	"refundctl/internal/money"
)

func inr(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: money.INR} }

// full is a spec with every field that a manifest can hold.
func full() Spec {
	return Spec{
		Account: "default", Kind: Order, ParentID: "order_summer_fashion_001", RefundID: "refund_summer_fashion_001_size",
		Amount: inr(114975), Note: "Customer requested size exchange", Speed: "STANDARD",
		Splits: []Split{{"Vendor02", inr(10000)}, {"Vendor01", inr(5)}},
		Labels: map[string]string{"ticket": "CS-4411"}, NotDuplicateOf: []string{"refund_of_may"}, Supersedes: "refund_old",
		Source: diag.Place{File: "refunds/june.refunds.yaml", Line: 7, Column: 5},
	}
}

func TestR5_RequestsMatchTheGoldenFile(t *testing.T) {
	for name, spec := range map[string]Spec{
		"order_least":     {Kind: Order, ParentID: "order_1", RefundID: "refund_1", Amount: inr(29900)},
		"order_full":      full(),
		"order_odd_texts": {Kind: Order, ParentID: "a/b?c=d&e #%2F", RefundID: `r"1"`, Amount: inr(5), Note: "<b>\"Größe\" & ₹ \\ \t\n 👕\u2028</b>"},
		"order_yen":       {Kind: Order, ParentID: "order_jp", RefundID: "refund_jp", Amount: money.Amount{Minor: 1200, Currency: "JPY"}},
		"order_dinar":     {Kind: Order, ParentID: "order_bh", RefundID: "refund_bh", Amount: money.Amount{Minor: 1230, Currency: "BHD"}},
		"order_largest":   {Kind: Order, ParentID: "order_1", RefundID: "refund_1", Amount: inr(math.MaxInt64)},
		"subscription": {Kind: Subscription, ParentID: "sub_77", PaymentID: "pay_77_03", RefundID: "refund_sub_77_03", Amount: inr(29900),
			Note: "Cancelled in June", Speed: "INSTANT"},
		"subscription_without_payment": {Kind: Subscription, ParentID: "sub/77", RefundID: "refund_sub_77_03", Amount: inr(29950)},
		"payment": {Kind: Payment, ParentID: "pay_summer_fashion_001_upi", RefundID: "refund_flowwise_001", Amount: inr(114975),
			Type: "MERCHANT_INITIATED", Note: "Doubly paid"},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", "requests", name+".http"))
			if err != nil {
				t.Fatal(err)
			}
			r, err := spec.Request()
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Method + " " + r.Path + "\n" + string(r.Body) + "\n"; got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestR5_SameSpecSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := full()
		spec.Kind = rapid.SampledFrom([]Kind{Order, Subscription, Payment}).Draw(t, "kind")
		spec.Amount.Minor = rapid.Int64Min(1).Draw(t, "minor")
		spec.Note = rapid.String().Draw(t, "note")
		a, errA := spec.Request()
		spec.Labels, spec.Hold, spec.Source, spec.Account = nil, true, diag.Place{}, "renamed"
		spec.NotDuplicateOf, spec.Supersedes = nil, ""
		b, errB := spec.Request()
		if errA != nil || errB != nil || a.Path != b.Path || !bytes.Equal(a.Body, b.Body) {
			t.Fatalf("%v %v\n%s\n%s", errA, errB, a.Body, b.Body)
		}
		var back struct {
			Amount json.Number `json:"refund_amount"`
			Note   string      `json:"refund_note"`
		}
		if err := json.Unmarshal(a.Body, &back); err != nil || back.Amount.String() != spec.Amount.String() || back.Note != spec.Note {
			t.Fatalf("%s reads back as %+v, %v", a.Body, back, err)
		}
	})
}

func TestRequestRefusesIDsThatChangeThePath(t *testing.T) {
	for _, kind := range []Kind{Order, Subscription, Payment} {
		for _, id := range []string{"", ".", ".."} {
			if r, err := (Spec{Kind: kind, ParentID: id, RefundID: "refund_1", Amount: inr(1)}).Request(); err == nil {
				t.Errorf("%s %q: %s", kind, id, r.Path)
			}
		}
	}
}

func TestRequestRefusesAnUnknownKind(t *testing.T) {
	_, err := Spec{Kind: "invoice", ParentID: "p", RefundID: "refund_1", Amount: inr(1)}.Request()
	if err == nil || !strings.Contains(err.Error(), `unknown kind "invoice"`) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkRequest(b *testing.B) {
	spec := full()
	for b.Loop() {
		if _, err := spec.Request(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKey(b *testing.B) {
	id := full().Identity(Fingerprint("cashfree", "sandbox", "merchant"))
	for b.Loop() {
		_ = Key(id, 1)
	}
}
