package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/diag"
	"refundctl/internal/money"
	"refundctl/internal/sandbox"
	"refundctl/schema"
	"refundctl/schema/yamltree"
)

func TestEveryFieldOfTheWorldFileIsRead(t *testing.T) {
	w, found := sandbox.ParseWorld("orders.yaml", []byte(`version: 1
orders:
  - {order_id: order_summer_fashion_001, order_amount: 2299.50}
  - {order_id: order_unpaid, order_amount: 100.00, order_status: ACTIVE, payments: []}
  - order_id: '0042'
    order_amount: 1.234
    order_currency: BHD
    created_at: 2026-01-01T10:00:00+05:30
    payments:
      - {cf_payment_id: 0918812, payment_amount: 1.234, payment_status: FAILED, is_captured: false, mode: card, payment_completion_time: "2026-01-01T10:00:00Z"}
subscriptions:
  - subscription_id: sub_77
    payments: [{payment_id: pay_77_03, payment_amount: 299.00, mode: UPI}]
payments:
  - {payment_id: pay_summer_fashion_001_upi, order_id: order_summer_fashion_001, payment_amount: 2299.50}
refunds:
  - {order_id: order_summer_fashion_001, refund_id: dash_1, refund_amount: 10.00, refund_status: SUCCESS}
  - {subscription_id: sub_77, payment_id: pay_77_03, refund_id: dash_2, refund_amount: 5, refund_note: by hand, refund_speed: INSTANT, refund_arn: 205907014017, created_at: 2026-01-01T10:00:00Z, refund_type: PAYMENT_AUTO_REFUND}
  - {payment_id: pay_summer_fashion_001_upi, refund_id: dash_3, refund_amount: 5, refund_status: PENDING}
`))
	at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	dinar := money.Amount{Minor: 1234, Currency: "BHD"}
	paid := func(id string, a money.Amount) sandbox.Payment {
		return sandbox.Payment{PaymentID: id, Amount: a, Status: "SUCCESS"}
	}
	sub, flow := paid("pay_77_03", inr(29900)), paid("pay_summer_fashion_001_upi", inr(229950))
	sub.Mode, flow.OrderID = "UPI", "order_summer_fashion_001"
	want := sandbox.World{
		Orders: []sandbox.Order{
			{OrderID: "order_summer_fashion_001", Amount: inr(229950), Status: "PAID"},
			{OrderID: "order_unpaid", Amount: inr(10000), Status: "ACTIVE", Payments: []sandbox.Payment{}},
			{OrderID: "0042", Amount: dinar, Status: "PAID", CreatedAt: at.Add(-5*time.Hour - 30*time.Minute), Payments: []sandbox.Payment{{CfPaymentID: "0918812", Amount: dinar, Status: "FAILED", Uncaptured: true, Mode: "card", CompletedAt: at}}},
		},
		Subscriptions: []sandbox.Subscription{{SubscriptionID: "sub_77", Payments: []sandbox.Payment{sub}}},
		Payments:      []sandbox.Payment{flow},
		Refunds: []sandbox.Refund{
			{Kind: sandbox.OrderKind, ParentID: "order_summer_fashion_001", RefundID: "dash_1", Amount: inr(1000), Status: "SUCCESS", Type: "MERCHANT_INITIATED"},
			{Kind: sandbox.SubscriptionKind, ParentID: "sub_77", PaymentID: "pay_77_03", RefundID: "dash_2", Amount: inr(500), Status: "SUCCESS", Type: "PAYMENT_AUTO_REFUND", Note: "by hand", Speed: "INSTANT", ARN: "205907014017", CreatedAt: at},
			{Kind: sandbox.PaymentKind, ParentID: "pay_summer_fashion_001_upi", RefundID: "dash_3", Amount: inr(500), Status: "PENDING", Type: "MERCHANT_INITIATED"},
		},
	}
	if diff := cmp.Diff(want, w); diff != "" || len(found) > 0 {
		t.Errorf("(-want +got)\n%s%+v", diff, found)
	}
}

func TestABadWorldFileIsReportedByPlaceAndCode(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "1:1 empty_file\n",
		"orders: []\n":               "1:1 required\n",
		"version: 1\norder: []\n":    "2:1 unknown_field\n",
		"version: 1\norders: [{}]\n": "2:10 required\n2:10 required\n",
		"version: 1\norders: [{order_id: order_1, order_amount: 1e3}]\n":                                         "2:44 amount\n",
		"version: 1\norders: [{order_id: order_1, order_amount: 1.234}]\n":                                       "2:44 amount\n",
		"version: 1\norders: [{order_id: order_1, order_amount: 1, order_status: PAYED}]\n":                      "2:61 value\n",
		"version: 1\norders: [{order_id: order_1, order_amount: 1, created_at: 2026-01-01}]\n":                   "2:59 format\n",
		"version: 1\norders: [{order_id: order_1, order_amount: 1, created_at: '2026-13-01T00:00:00Z'}]\n":       "2:59 format\n",
		"version: 1\norders: [{order_id: order_1, order_amount: 1, order_currency: ABC}]\n":                      "2:63 currency\n",
		"version: 1\norders: [{order_id: order_1, order_amount: 1}, {order_id: order_1, order_amount: 1}]\n":     "2:59 duplicate_item\n",
		"version: 1\nrefunds: [{refund_id: dash_1, refund_amount: 1}]\n":                                         "2:11 no_parent\n",
		"version: 1\nrefunds: [{order_id: order_1, payment_id: pay_1, refund_id: dash_1, refund_amount: 1}]\n":   "2:31 two_parents\n",
		"version: 1\nrefunds: [{order_id: order_1, refund_id: dash_1, refund_amount: 1, refund_status: paid}]\n": "2:83 format\n",
		"version: 1\npayments: [{payment_id: pay_1}]\n":                                                          "2:12 required\n",
		"version: 1\nsubscriptions: [{subscription_id: sub_1, payments: [{payment_amount: 1}]}]\n":               "2:53 required\n",
	} {
		w, found := sandbox.ParseWorld("w.yaml", []byte(text))
		checkDiagnostics(t, found, []byte(text))
		if diff := cmp.Diff(want, brief(found)); diff != "" || len(w.Orders)+len(w.Refunds) > 0 {
			t.Errorf("%s(-want +got)\n%s%+v", text, diff, found)
		}
	}
}

func FuzzWorld(f *testing.F) {
	f.Add("version: 1\norders: [{order_id: order_1, order_amount: 5}]\nrefunds: [{order_id: order_1, refund_id: r_1, refund_amount: 1}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		w, found := sandbox.ParseWorld("w.yaml", []byte(text))
		checkDiagnostics(t, found, []byte(text))
		for _, o := range w.Orders {
			if o.Amount.Minor <= 0 || o.OrderID == "" {
				t.Errorf("%+v", o)
			}
		}
	})
}

func TestTheWorldIsReadFromAFile(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "w.yaml"), "version: 1\norders: [{order_id: order_1, order_amount: 5}]\n")
	w, found, err := sandbox.LoadWorld(filepath.Join(root, "w.yaml"))
	if err != nil || len(found) > 0 || len(w.Orders) != 1 {
		t.Errorf("%+v %+v %v", w, found, err)
	}
	if _, _, err := sandbox.LoadWorld(filepath.Join(root, "missing.yaml")); err == nil {
		t.Error("a missing file was read")
	}
}

func TestAnUnquotedNonStringIsRefusedInTheWorldFile(t *testing.T) {
	for place, text := range map[string]string{
		"order_id": "orders: [{order_id: @, order_amount: 5}]", "order_status": "orders: [{order_id: order_1, order_amount: 5, order_status: @}]",
		"created_at": "orders: [{order_id: order_1, order_amount: 5, created_at: @}]", "cf_payment_id": "orders: [{order_id: order_1, order_amount: 5, payments: [{cf_payment_id: @, payment_amount: 5}]}]",
		"mode": "orders: [{order_id: order_1, order_amount: 5, payments: [{mode: @, payment_amount: 5}]}]", "subscription_id": "subscriptions: [{subscription_id: @}]",
		"payment_id": "payments: [{payment_id: @, payment_amount: 5}]", "refund_id": "refunds: [{order_id: order_1, refund_id: @, refund_amount: 5}]",
		"refund_note": "refunds: [{order_id: order_1, refund_id: dash_1, refund_amount: 5, refund_note: @}]", "refund_arn": "refunds: [{order_id: order_1, refund_id: dash_1, refund_amount: 5, refund_arn: @}]",
		"refund_status": "refunds: [{order_id: order_1, refund_id: dash_1, refund_amount: 5, refund_status: @}]",
	} {
		for _, word := range []string{"null", "Null", "NULL", "~", "true", "True", "TRUE", "false", "False", "FALSE", ""} {
			if _, found := sandbox.ParseWorld("w.yaml", []byte("version: 1\n"+strings.Replace(text, "@", word, 1)+"\n")); len(found) != 1 || !strings.Contains(found[0].Hint, yamltree.QuoteHint) {
				t.Errorf("%s: %q: %+v", place, word, found)
			}
		}
	}
}

// brief is one line:column code a line.
func brief(found []diag.Diagnostic) string {
	var b strings.Builder
	for _, d := range found {
		_, _ = fmt.Fprintf(&b, "%d:%d %s\n", d.Line, d.Column, d.Code)
	}
	return b.String()
}

// checkDiagnostics fails for a code that is not in the table, a place outside of the text, and an empty message or
// hint.
func checkDiagnostics(t *testing.T, found []diag.Diagnostic, text []byte) {
	t.Helper()
	lines := bytes.Split(text, []byte("\n"))
	for _, d := range found {
		if !slices.ContainsFunc(schema.Codes(), func(c schema.Code) bool { return c.Name == d.Code }) {
			t.Errorf("code %s is not in the table", d.Code)
		}
		if (d.Line < 1 || d.Column < 1) && d.Code != "file_too_large" || d.Line > len(lines) || d.Line > 0 && d.Column > len(lines[d.Line-1])+1 {
			t.Errorf("%s: %v is not a place in the text", d.Code, d.Place)
		}
		if strings.TrimSpace(d.Message) == "" || strings.TrimSpace(d.Hint) == "" {
			t.Errorf("%v %s: message %q, hint %q", d.Place, d.Code, d.Message, d.Hint)
		}
	}
}

// TestTheSchemaOfTheWorldDescribesEveryField as those of manifests and the configuration do.
func TestTheSchemaOfTheWorldDescribesEveryField(t *testing.T) {
	var s map[string]any
	if err := json.Unmarshal(sandbox.WorldSchema(), &s); err != nil {
		t.Fatal(err)
	}
	if s["$schema"] != "http://json-schema.org/draft-07/schema#" {
		t.Errorf("the schema is %v", s["$schema"])
	}
	described(t, "world", s)
	definitions, _ := s["definitions"].(map[string]any)
	for name, d := range definitions {
		if def := d.(map[string]any); def["type"] != nil {
			described(t, name, def)
		}
	}
}

// described checks the fields that a schema defines. It refuses unknown fields, so that a typo is found.
func described(t *testing.T, path string, s map[string]any) {
	if s["type"] == "object" && s["additionalProperties"] == nil {
		t.Errorf("%s accepts unknown fields", path)
	}
	fields, _ := s["properties"].(map[string]any)
	for name, f := range fields {
		field := f.(map[string]any)
		if field["$ref"] != nil {
			continue
		}
		for _, word := range []string{"title", "description", "type"} {
			if field[word] == nil {
				t.Errorf("%s.%s has no %s", path, name, word)
			}
		}
		if field["examples"] == nil && field["type"] != "array" {
			t.Errorf("%s.%s has no examples", path, name)
		}
		described(t, path+"."+name, field)
	}
	for _, word := range []string{"items", "additionalProperties"} {
		if item, ok := s[word].(map[string]any); ok {
			described(t, path+"."+word, item)
		}
	}
}
