package contract

import (
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"refundctl/internal/cashfree"
	"refundctl/internal/cli"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sandbox"
)

// TestMain lets the test binary be the program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"refundctl": func() { os.Exit(cli.Main(os.Args[1:], cli.System())) }})
}

// known are what the emulator accepts, in any of the four combinations.
var known = sandbox.Credentials{ClientID: "id-of-a-test", ClientSecret: "word-of-a-test", PartnerKey: "key-of-a-partner",
	PartnerMerchantID: "merchant-of-a-partner", Signature: "signature-of-a-test"}

// signIns are the four ways to sign in.
var signIns = map[string]cashfree.Credentials{
	"secret":           {ClientID: known.ClientID, ClientSecret: known.ClientSecret},
	"partner":          {ClientID: known.ClientID, PartnerAPIKey: known.PartnerKey},
	"signature":        {ClientID: known.ClientID, ClientSignature: known.Signature},
	"partner merchant": {PartnerMerchantID: known.PartnerMerchantID, PartnerAPIKey: known.PartnerKey},
}

// TestEveryExchangeFitsTheVendorsFiles drives client and emulator through every operation, and
// ends with the differences that are listed.
func TestEveryExchangeFitsTheVendorsFiles(t *testing.T) {
	vendor(t, fileOf["2022-09-01"])
	found, made := findings{}, map[sandbox.Endpoint]int{}
	for _, version := range cashfree.Versions {
		doc := load(t, version)
		for _, name := range slices.Sorted(maps.Keys(signIns)) {
			t.Run(version+"/orders/"+name, func(t *testing.T) {
				meet(t, doc, found, made, sandbox.Faults{}).orders(signIns[name], name == "secret")
			})
		}
		t.Run(version+"/refusals", func(t *testing.T) { meet(t, doc, found, made, sandbox.Faults{}).refusals() })
		if version >= "2023-08-01" {
			t.Run(version+"/subscriptions", func(t *testing.T) { meet(t, doc, found, made, sandbox.Faults{}).subscriptions() })
		}
		if version >= "2025-01-01" {
			t.Run(version+"/cancel", func(t *testing.T) { meet(t, doc, found, made, sandbox.Faults{}).cancel() })
		}
	}
	t.Run(flowwise, func(t *testing.T) { meet(t, load(t, flowwise), found, made, sandbox.Faults{}).flowwise() })
	t.Run("differences", found.settle)
	t.Run("endpoints", func(t *testing.T) {
		all := []sandbox.Endpoint{sandbox.CreateRefund, sandbox.ListRefunds, sandbox.GetRefund, sandbox.CancelRefund, sandbox.GetOrder, sandbox.ListPayments,
			sandbox.CreateSubscriptionRefund, sandbox.GetSubscriptionRefund, sandbox.ListSubscriptionPayments, sandbox.CreatePaymentRefund, sandbox.GetPaymentRefund}
		for _, e := range all {
			if made[e] == 0 {
				t.Errorf("no request was made to %s", e)
			}
		}
	})
}

// meeting is one emulator and the wire to it.
type meeting struct {
	*wire
	server *sandbox.Server
	made   map[sandbox.Endpoint]int
	at     time.Time
}

// meet makes an emulator and the wire to it.
func meet(t *testing.T, doc *document, found findings, made map[sandbox.Endpoint]int, f sandbox.Faults) *meeting {
	t.Helper()
	m := &meeting{made: made, at: time.Date(2026, 6, 15, 6, 30, 0, 0, time.UTC)}
	server, err := sandbox.New(sandbox.Options{Clock: func() time.Time { return m.at }, Credentials: known, World: world(), Faults: f,
		SettleAfter: time.Minute, ARNAfter: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for e, n := range server.Requests() {
			made[e] += n
		}
		_ = server.Close()
	})
	m.server, m.wire = server, &wire{t: t, doc: doc, next: server.Transport(), found: found}
	return m
}

func inr(paise int64) money.Amount { return money.Amount{Minor: paise, Currency: money.INR} }

func world() sandbox.World {
	return sandbox.World{
		Orders: []sandbox.Order{
			{OrderID: "order_1", Amount: inr(100_000), Tags: map[string]string{"shop": "north"}},
			{OrderID: "order_2", Amount: inr(50_000)},
			{OrderID: "order_unpaid", Amount: inr(10_000), Status: "ACTIVE"},
			{OrderID: "order_tried", Amount: inr(10_000), Status: "ACTIVE", Payments: []sandbox.Payment{{Amount: inr(10_000), Status: "FAILED", Mode: "CARD"}}},
		},
		Subscriptions: []sandbox.Subscription{{SubscriptionID: "sub_1", Payments: []sandbox.Payment{
			{PaymentID: "pay_upi", Amount: inr(29_900)}, {PaymentID: "pay_nach", Amount: inr(29_900), Mode: "ENACH"}}}},
		Payments: []sandbox.Payment{{PaymentID: "pay_flow", OrderID: "order_flow", Amount: inr(100_000)}},
		Refunds: []sandbox.Refund{
			{ParentID: "order_2", RefundID: "dash_1", Amount: inr(1_000), Status: "ONHOLD"},
			{ParentID: "order_2", RefundID: "dash_2", Amount: inr(1_000), Status: "CANCELLED"},
			{ParentID: "order_2", RefundID: "dash_3", Amount: inr(1_000), Status: "FAILED"},
			{ParentID: "order_2", RefundID: "auto_1", Amount: inr(1_000), Type: "PAYMENT_AUTO_REFUND", ARN: "205907014017"},
		},
	}
}

// client is the real one, on this meeting's wire.
func (m *meeting) client(c cashfree.Credentials) *cashfree.Client {
	m.t.Helper()
	client, err := cashfree.New(cashfree.Options{BaseURL: base(m.doc.version), APIVersion: m.doc.version, Credentials: c, Transport: m.wire,
		Clock: func() time.Time { return m.at }, Jitter: func(time.Duration) time.Duration { return 0 }})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(client.Close)
	return client
}

// send makes a create of the client's, under the key of its first attempt.
func (m *meeting) send(c *cashfree.Client, s refund.Spec) refund.Answer {
	m.t.Helper()
	request, err := s.Request()
	if err != nil {
		m.t.Fatal(err)
	}
	return c.Create(m.t.Context(), request, refund.Key(s.Identity("fingerprint"), 1))
}

// orders is all that the client does with the refunds of orders.
func (m *meeting) orders(c cashfree.Credentials, keys bool) {
	client, order := m.client(c), refund.Parent{Kind: refund.Order, ID: "order_1"}
	spec := refund.Spec{Kind: refund.Order, ParentID: "order_1", RefundID: "refund_1", Amount: inr(10_010), Note: "size exchange", Speed: "INSTANT",
		Splits: []refund.Split{{VendorID: "Vendor01", Amount: inr(5_000)}}}
	plain := refund.Spec{Kind: refund.Order, ParentID: "order_1", RefundID: "refund_2", Amount: inr(100)}
	for _, s := range []refund.Spec{spec, plain} {
		if a := m.send(client, s); a.Live == nil {
			m.t.Fatalf("creating %s: %+v", s.RefundID, a)
		}
	}
	again := m.send(client, spec)
	if keys != (again.HTTP == http.StatusOK && again.Replayed) || !keys && again.HTTP != http.StatusBadRequest {
		m.t.Errorf("the same request again: %+v", again)
	}
	spec.Amount = inr(10_011)
	if other := m.send(client, spec); keys && other.HTTP != http.StatusUnprocessableEntity {
		m.t.Errorf("other bytes under the key: %+v", other)
	}
	m.reads(client, order, 2)
	m.at = m.at.Add(time.Hour)
	m.reads(client, order, 2)
	m.reads(client, refund.Parent{Kind: refund.Order, ID: "order_2"}, 4)
	m.reads(client, refund.Parent{Kind: refund.Order, ID: "order_unpaid"}, 0)
	m.reads(client, refund.Parent{Kind: refund.Order, ID: "order_tried"}, 0)
	if _, err := client.Refunds(m.t.Context(), refund.Parent{Kind: refund.Order, ID: "order_9"}); refund.ReadClassOf(err) != refund.NotFound {
		m.t.Error(err)
	}
}

// reads is every read of an order that has so many refunds.
func (m *meeting) reads(client *cashfree.Client, order refund.Parent, want int) {
	m.t.Helper()
	list, err := client.Refunds(m.t.Context(), order)
	if err != nil || len(list) != want {
		m.t.Errorf("%s: %d refunds, %v", order.ID, len(list), err)
	}
	for _, live := range list {
		if _, err := client.Refund(m.t.Context(), refund.Identity{Parent: order, RefundID: live.RefundID}); err != nil {
			m.t.Error(err)
		}
	}
	if _, err := client.Order(m.t.Context(), order); err != nil {
		m.t.Error(err)
	}
	if _, err := client.Payments(m.t.Context(), order); err != nil {
		m.t.Error(err)
	}
}

// refusals are the errors of an order's refunds.
func (m *meeting) refusals() {
	body := func(id, amount, more string) string {
		return `{"refund_id":"` + id + `","refund_amount":` + amount + more + `}`
	}
	const path = "/orders/order_1/refunds"
	m.is(m.wrongly("POST", path, body("refund_1", "1", ""), "X-Client-Secret", "wrong"), 401, "request_failed")
	m.is(m.ask("POST", path, body("refund_1", "1000.01", "")), 400, "refund_post_failed")
	m.is(m.ask("POST", path, body("refund_1", "-1", "")), 400, "refund_amount_invalid")
	m.is(m.ask("POST", path, body("bad id", "1", "")), 400, "refund_id_invalid")
	m.is(m.wrongly("POST", path, `{"refund_amount":1}`), 400, "refund_id_missing")
	m.is(m.wrongly("POST", path, body("refund_1", "1", `,"refund_note":""`)), 400, "refund_note_invalid")
	m.is(m.wrongly("POST", path, body("refund_1", "1", `,"refund_speed":"FAST"`)), 400, "refund_speed_invalid")
	m.is(m.ask("POST", "/orders/order_9/refunds", body("refund_1", "1", "")), 404, "order_not_found")
	m.is(m.ask("POST", "/orders/order_unpaid/refunds", body("refund_1", "1", "")), 400, "order_id_not_paid")
	m.is(m.ask("GET", "/orders/order_9", ""), 404, "order_not_found")
	m.is(m.ask("GET", "/orders/order_9/payments", ""), 404, "order_not_found")
	m.is(m.ask("GET", path+"/refund_9", ""), 404, "refund_get_not_found")
	m.broken(path, body("refund_1", "1", ""), path+"/refund_1", "500-stored=#1,429=#2,busy=#3")
}

// broken lets a create meet faults in turn, of those that are answers of the API's own, and then
// two reads.
func (m *meeting) broken(createPath, body, readPath, faults string) {
	m.t.Helper()
	spec, err := sandbox.ParseFaults(faults + ",read-404=#1,read-500=#2")
	if err != nil {
		m.t.Fatal(err)
	}
	failing := meet(m.t, m.doc, m.found, m.made, spec)
	for range strings.Count(faults, "#") {
		if got := failing.ask("POST", createPath, body); got.status == http.StatusOK {
			m.t.Error("a fault did not happen")
		}
	}
	for range 2 {
		if got := failing.ask("GET", readPath, ""); got.status == http.StatusOK {
			m.t.Error("a fault did not happen")
		}
	}
}
