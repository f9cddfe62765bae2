package contract

import (
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

// TestMain lets the test binary run as refundctl.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"refundctl": func() { os.Exit(cli.Main(os.Args[1:], cli.System())) }})
}

// known are the credentials that the emulator accepts, in any of the four combinations.
var known = sandbox.Credentials{ClientID: "id-of-a-test", ClientSecret: "word-of-a-test", PartnerKey: "key-of-a-partner",
	PartnerMerchantID: "merchant-of-a-partner", Signature: "signature-of-a-test"}

// signIn is one way to authenticate, as the client takes it and as headers.
type signIn struct {
	name        string
	credentials cashfree.Credentials
	headers     http.Header
	keys        bool // whether idempotency keys count
}

var signIns = []signIn{
	{"secret", cashfree.Credentials{ClientID: known.ClientID, ClientSecret: known.ClientSecret},
		http.Header{"X-Client-Id": {known.ClientID}, "X-Client-Secret": {known.ClientSecret}}, true},
	{"partner", cashfree.Credentials{ClientID: known.ClientID, PartnerAPIKey: known.PartnerKey},
		http.Header{"X-Client-Id": {known.ClientID}, "X-Partner-Apikey": {known.PartnerKey}}, false},
	{"signature", cashfree.Credentials{ClientID: known.ClientID, ClientSignature: known.Signature},
		http.Header{"X-Client-Id": {known.ClientID}, "X-Client-Signature": {known.Signature}}, false},
	{"partner_merchant", cashfree.Credentials{PartnerMerchantID: known.PartnerMerchantID, PartnerAPIKey: known.PartnerKey},
		http.Header{"X-Partner-Merchantid": {known.PartnerMerchantID}, "X-Partner-Apikey": {known.PartnerKey}}, false},
}

// drive is a series of calls from the client to the emulator.
type drive struct {
	name     string
	versions []string
	signIns  []signIn
	run      func(*meeting)
}

// drives lists them. Flowwise accepts only the client id and secret.
var drives = []drive{
	{"orders", pg, signIns, (*meeting).orders},
	{"refusals", pg, signIns, (*meeting).refusals},
	{"subscriptions", pg[2:], signIns, (*meeting).subscriptions},
	{"cancel", pg[3:], signIns, (*meeting).cancel},
	{"payments", []string{flowwise}, signIns[:1], (*meeting).payments},
}

// endpoints are the endpoints of the emulator that the files describe.
var endpoints = []sandbox.Endpoint{sandbox.CreateRefund, sandbox.ListRefunds, sandbox.GetRefund, sandbox.CancelRefund, sandbox.GetOrder, sandbox.ListPayments,
	sandbox.CreateSubscriptionRefund, sandbox.GetSubscriptionRefund, sandbox.ListSubscriptionPayments, sandbox.CreatePaymentRefund, sandbox.GetPaymentRefund}

// TestEveryExchangeFitsTheVendorsFiles runs every drive in every version and with every way to
// authenticate. Then it checks that every listed difference occurred.
func TestEveryExchangeFitsTheVendorsFiles(t *testing.T) {
	vendor(t, fileOf[pg[0]])
	found, made := findings{}, map[sandbox.Endpoint]int{}
	for _, version := range append(pg[:len(pg):len(pg)], flowwise) {
		doc := load(t, version)
		for _, d := range drives {
			for _, sign := range d.signIns {
				if slices.Contains(d.versions, version) {
					t.Run(version+"/"+d.name+"/"+sign.name, func(t *testing.T) { d.run(meet(&wire{t: t, doc: doc, found: found, sign: sign}, made, "")) })
				}
			}
		}
	}
	t.Run("differences", found.allOccurred)
	t.Run("endpoints", func(t *testing.T) {
		for _, e := range endpoints {
			if made[e] == 0 {
				t.Errorf("no request was made to %s", e)
			}
		}
	})
}

func TestEveryVersionOfTheClientIsDriven(t *testing.T) {
	if !slices.Equal(pg, cashfree.Versions) {
		t.Errorf("the client supports %q", cashfree.Versions)
	}
}

// meeting is an emulator and the wire between it and the client.
type meeting struct {
	*wire
	server *sandbox.Server
	made   map[sandbox.Endpoint]int
	at     time.Time
}

func meet(w *wire, made map[sandbox.Endpoint]int, faults string) *meeting {
	m := &meeting{wire: w, made: made, at: time.Date(2026, 6, 15, 6, 30, 0, 0, time.UTC)}
	f, err := sandbox.ParseFaults(faults)
	if err == nil {
		m.server, err = sandbox.New(sandbox.Options{Clock: func() time.Time { return m.at }, Credentials: known, World: world(), Faults: f,
			SettleAfter: time.Minute, ARNAfter: time.Minute})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.next = m.server.Transport()
	w.t.Cleanup(func() {
		for e, n := range m.server.Requests() {
			made[e] += n
		}
		_ = m.server.Close()
	})
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

// client returns a client on this meeting's wire.
func (m *meeting) client() *cashfree.Client {
	m.t.Helper()
	api, version := cashfree.Cashfree, m.doc.version
	if version == flowwise {
		api, version = cashfree.Flowwise, ""
	}
	c, err := cashfree.New(cashfree.Options{API: api, BaseURL: base(m.doc.version), APIVersion: version, Credentials: m.sign.credentials, Transport: m.wire,
		Clock: func() time.Time { return m.at }, Jitter: func(time.Duration) time.Duration { return 0 }})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(c.Close)
	return c
}

// send creates a refund through the client, with the key of its first attempt.
func (m *meeting) send(c *cashfree.Client, s refund.Spec) refund.Answer {
	m.t.Helper()
	request, err := s.Request()
	if err != nil {
		m.t.Fatal(err)
	}
	return c.Create(m.t.Context(), request, refund.Key(s.Identity("fingerprint"), 1))
}

// mustCreate sends a create that must succeed.
func (m *meeting) mustCreate(c *cashfree.Client, s refund.Spec) {
	m.t.Helper()
	if a := m.send(c, s); a.Live == nil || a.Live.RefundID != s.RefundID || a.Live.Amount != s.Amount {
		m.t.Fatalf("creating %s: %+v", s.RefundID, a)
	}
}

// mustRefuse sends a create that must be refused with this status and code.
func (m *meeting) mustRefuse(c *cashfree.Client, s refund.Spec, status int, code string) {
	m.t.Helper()
	if a := m.send(c, s); a.HTTP != status || a.Code != code || a.Live != nil {
		m.t.Errorf("creating %s: %+v, not %d %s", s.RefundID, a, status, code)
	}
}

// mustRead reads a refund, which must have this status.
func (m *meeting) mustRead(c *cashfree.Client, s refund.Spec, want refund.Status) {
	m.t.Helper()
	live, err := c.Refund(m.t.Context(), s.Identity("fingerprint"))
	if err != nil || live.Status != want || live.Amount != s.Amount {
		m.t.Errorf("%s: %+v, %v, not %s", s.RefundID, live, err, want)
	}
}

// mustFail reads a refund, which must end with an error of this class.
func (m *meeting) mustFail(c *cashfree.Client, s refund.Spec, want refund.ReadClass) {
	m.t.Helper()
	if _, err := c.Refund(m.t.Context(), s.Identity("fingerprint")); refund.ReadClassOf(err) != want {
		m.t.Errorf("%s: %v, not %s", s.RefundID, err, want)
	}
}

// orders makes every call about refunds of orders.
func (m *meeting) orders() {
	client, order := m.client(), refund.Parent{Kind: refund.Order, ID: "order_1"}
	spec := refund.Spec{Kind: refund.Order, ParentID: "order_1", RefundID: "refund_1", Amount: inr(10_010), Note: "size exchange", Speed: "INSTANT",
		Splits: []refund.Split{{VendorID: "Vendor01", Amount: inr(5_000)}}}
	plain := refund.Spec{Kind: refund.Order, ParentID: "order_1", RefundID: "refund_2", Amount: inr(100)}
	m.mustCreate(client, spec)
	m.mustCreate(client, plain)
	again := m.send(client, spec)
	if again.Replayed != m.sign.keys || !m.sign.keys && again.HTTP != http.StatusBadRequest {
		m.t.Errorf("the same request again: %+v", again)
	}
	spec.Amount = inr(10_011)
	if other := m.send(client, spec); m.sign.keys && other.HTTP != http.StatusUnprocessableEntity {
		m.t.Errorf("other bytes under the key: %+v", other)
	}
	m.readAll(client, order, 2)
	m.at = m.at.Add(time.Hour)
	m.readAll(client, order, 2)
	m.readAll(client, refund.Parent{Kind: refund.Order, ID: "order_2"}, 4)
	m.readAll(client, refund.Parent{Kind: refund.Order, ID: "order_unpaid"}, 0)
	m.readAll(client, refund.Parent{Kind: refund.Order, ID: "order_tried"}, 0)
	if _, err := client.Refunds(m.t.Context(), refund.Parent{Kind: refund.Order, ID: "order_9"}); refund.ReadClassOf(err) != refund.NotFound {
		m.t.Error(err)
	}
}

// readAll makes every read of an order that has this many refunds.
func (m *meeting) readAll(client *cashfree.Client, order refund.Parent, want int) {
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

// refusals makes requests about an order's refunds that the API refuses.
func (m *meeting) refusals() {
	body := func(id, amount, more string) string {
		return `{"refund_id":"` + id + `","refund_amount":` + amount + more + `}`
	}
	const path = "/orders/order_1/refunds"
	m.want(m.askWrongly("POST", path, body("refund_1", "1", ""), stranger...), 401, "request_failed")
	m.want(m.ask("POST", path, body("refund_1", "1000.01", "")), 400, "refund_post_failed")
	m.want(m.ask("POST", path, body("refund_1", "-1", "")), 400, "refund_amount_invalid")
	m.want(m.ask("POST", path, body("bad id", "1", "")), 400, "refund_id_invalid")
	m.want(m.askWrongly("POST", path, `{"refund_amount":1}`), 400, "refund_id_missing")
	m.want(m.askWrongly("POST", path, body("refund_1", "1", `,"refund_note":""`)), 400, "refund_note_invalid")
	m.want(m.askWrongly("POST", path, body("refund_1", "1", `,"refund_speed":"FAST"`)), 400, "refund_speed_invalid")
	m.want(m.ask("POST", "/orders/order_9/refunds", body("refund_1", "1", "")), 404, "order_not_found")
	m.want(m.ask("POST", "/orders/order_unpaid/refunds", body("refund_1", "1", "")), 400, "order_id_not_paid")
	m.want(m.ask("GET", "/orders/order_9", ""), 404, "order_not_found")
	m.want(m.ask("GET", "/orders/order_9/payments", ""), 404, "order_not_found")
	m.want(m.ask("GET", path+"/refund_9", ""), 404, "refund_get_not_found")
	m.failing(path, body("refund_1", "1", ""), path+"/refund_1", "500-stored=#1,429=#2,busy=#3")
}

// failing makes one create for each fault, and then two reads that fail too. All the faults are answers
// that the API itself gives.
func (m *meeting) failing(createPath, body, readPath, faults string) {
	m.t.Helper()
	broken := meet(&wire{t: m.t, doc: m.doc, found: m.found, sign: m.sign}, m.made, faults+",read-404=#1,read-500=#2")
	for range strings.Count(faults, "#") {
		if got := broken.ask("POST", createPath, body); got.status == http.StatusOK {
			m.t.Error("a fault did not happen")
		}
	}
	for range 2 {
		if got := broken.ask("GET", readPath, ""); got.status == http.StatusOK {
			m.t.Error("a fault did not happen")
		}
	}
}
