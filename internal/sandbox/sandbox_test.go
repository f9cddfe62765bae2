package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/sandbox"
)

// clock is a time that only the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newClock() *clock { return &clock{at: time.Date(2026, 6, 15, 6, 30, 0, 0, time.UTC)} }

func inr(paise int64) money.Amount { return money.Amount{Minor: paise, Currency: money.INR} }

// world has one order of each kind that the tests need.
func world() sandbox.World {
	return sandbox.World{
		Orders: []sandbox.Order{
			{OrderID: "order_1", Amount: inr(100_000)},
			{OrderID: "order_2", Amount: inr(50_000)},
			{OrderID: "order_unpaid", Amount: inr(10_000), Status: "ACTIVE"},
			{OrderID: "order_void", Amount: inr(10_000), Payments: []sandbox.Payment{{Amount: inr(10_000), Status: "VOID"}}},
		},
		Subscriptions: []sandbox.Subscription{{SubscriptionID: "sub_1", Payments: []sandbox.Payment{
			{PaymentID: "pay_upi", Amount: inr(29_900)}, {PaymentID: "pay_nach", Amount: inr(29_900), Mode: "ENACH"}}}},
		Payments: []sandbox.Payment{{PaymentID: "pay_flow", OrderID: "order_flow", Amount: inr(100_000)}},
	}
}

// bench is an emulator under test, and its client.
type bench struct {
	t      *testing.T
	server *sandbox.Server
	clock  *clock
	via    http.RoundTripper
	base   string
}

// start returns an in-process emulator, with the test world by default.
func start(t *testing.T, o sandbox.Options) *bench {
	t.Helper()
	return startAt(t, newClock(), o)
}

func startAt(t *testing.T, c *clock, o sandbox.Options) *bench {
	t.Helper()
	o.Clock = c.now
	if o.World.Orders == nil {
		o.World = world()
	}
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &bench{t, s, c, s.Transport(), "http://emulator.invalid"}
}

func faults(t *testing.T, spec string) sandbox.Faults {
	t.Helper()
	f, err := sandbox.ParseFaults(spec)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// reply is a response.
type reply struct {
	status int
	header http.Header
	body   string
}

// send makes one request. headers are name, value, name, value, in addition to the usual ones.
func (b *bench) send(method, path, body string, headers ...string) (reply, error) {
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("X-Client-Id", "id-of-a-test")
	r.Header.Set("X-Client-Secret", "word")
	r.Header.Set("X-Api-Version", "2023-08-01")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	res, err := b.via.RoundTrip(r)
	if err != nil {
		return reply{}, err
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	return reply{res.StatusCode, res.Header, string(text)}, err
}

// do is send for requests that must have an answer.
func (b *bench) do(method, path, body string, headers ...string) reply {
	b.t.Helper()
	r, err := b.send(method, path, body, headers...)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (b *bench) create(order, id, amount string, headers ...string) reply {
	b.t.Helper()
	return b.do("POST", "/pg/orders/"+order+"/refunds", createBody(id, amount), headers...)
}

func createBody(id, amount string) string {
	return fmt.Sprintf(`{"refund_id":%q,"refund_amount":%s}`, id, amount)
}

func (b *bench) list(order string, headers ...string) []map[string]any {
	b.t.Helper()
	r := b.do("GET", "/pg/orders/"+order+"/refunds", "", headers...)
	b.want(r, 200, "")
	var rows []map[string]any
	decode(b.t, r.body, &rows)
	return rows
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

func object(t *testing.T, r reply) map[string]any {
	t.Helper()
	fields := map[string]any{}
	decode(t, r.body, &fields)
	return fields
}

// want checks the status and the error code, which is empty for a 200.
func (b *bench) want(r reply, status int, code string) {
	b.t.Helper()
	if r.status != status {
		b.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if code != "" && object(b.t, r)["code"] != code {
		b.t.Fatalf("want code %s: %s", code, r.body)
	}
}

// made returns the refund_ids that were really executed, in order.
func (b *bench) made() string {
	var ids []string
	for _, e := range b.server.Executions() {
		ids = append(ids, e.RefundID)
	}
	return strings.Join(ids, " ")
}

func (b *bench) wantMade(ids string) {
	b.t.Helper()
	if got := b.made(); got != ids {
		b.t.Fatalf("executed %q, want %q", got, ids)
	}
}

func TestErrorBodiesMatchTheAPI(t *testing.T) {
	const refund = "/pg/orders/order_1/refunds"
	b := start(t, sandbox.Options{})
	b.want(b.create("order_1", "used_id", "1"), 200, "")
	rows := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		want                     string
	}{
		{"no secret", "POST", refund, `{}`, []string{"X-Client-Secret", ""}, 401, `{"message":"authentication Failed","code":"request_failed","type":"authentication_error"}`},
		{"no version", "POST", refund, `{}`, []string{"X-Api-Version", ""}, 400, `{"message":"version is missing in header","code":"request_failed","type":"invalid_request_error"}`},
		{"bad URL", "GET", "/pg/order/order_1", "", nil, 400, `{"message":"bad URL, please check API documentation","code":"request_failed","type":"invalid_request_error"}`},
		{"unknown order", "POST", "/pg/orders/nobody/refunds", createBody("ref_1", "1"), nil, 404, `{"message":"Order Reference Id does not exist","code":"order_not_found","type":"invalid_request_error"}`},
		{"unpaid", "POST", "/pg/orders/order_unpaid/refunds", createBody("ref_1", "1"), nil, 400, `{"message":"transaction not found","code":"order_id_not_paid","type":"invalid_request_error"}`},
		{"negative", "POST", refund, createBody("ref_1", "-1"), nil, 400, `{"message":"refund_amount : Invalid amount entered ","code":"refund_amount_invalid","type":"invalid_request_error"}`},
		{"over the cap", "POST", refund, createBody("ref_1", "1000.01"), nil, 400, `{"message":"Total amount of Refunds cannot be greater than the transaction amount.","code":"refund_post_failed","type":"invalid_request_error"}`},
		{"duplicate", "POST", refund, createBody("used_id", "1"), nil, 400, `{"message":"Duplicate Merchant Refund Id","code":"refund_id_invalid","type":"invalid_request_error"}`},
		{"malformed id", "POST", refund, createBody("bad id#1!", "1"), nil, 400, `{"message":"refund_id format not valid","code":"refund_id_invalid","type":"invalid_request_error"}`},
		{"no id", "POST", refund, `{"refund_amount":1}`, nil, 400, `{"message":"refund_id : is missing in the request. Value received: ","code":"refund_id_missing","type":"invalid_request_error"}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := b.do(row.method, row.path, row.body, row.headers...)
			if r.status != row.status || strings.TrimSpace(r.body) != row.want {
				t.Fatalf("%d %s\nwant %d %s", r.status, r.body, row.status, row.want)
			}
		})
	}
	b.wantMade("used_id")
}

func TestErrorsHaveHelpFrom2025ButNever401And429(t *testing.T) {
	b := start(t, sandbox.Options{Limits: sandbox.Limits{Order: 1}})
	for version, want := range map[string]bool{"2022-01-01": false, "2022-09-01": false, "2023-08-01": false, "2025-01-01": true, "2026-01-01": true} {
		_, has := object(t, b.create("nobody", "ref_1", "1", "X-Api-Version", version))["help"]
		if has != want {
			t.Errorf("%s: help %v", version, has)
		}
	}
	b.do("GET", "/pg/orders/order_1", "")
	throttled := b.do("GET", "/pg/orders/order_1", "", "X-Api-Version", "2026-01-01")
	b.want(throttled, 429, "request_failed")
	refused := b.do("GET", "/pg/orders/order_1", "", "X-Api-Version", "2026-01-01", "X-Client-Id", "")
	b.want(refused, 401, "request_failed")
	if strings.Contains(throttled.body+refused.body, "help") {
		t.Fatal("help on a 401 or 429")
	}
}

// The checks come in this order: each request is wrong in the named way and in all later ones.
func TestChecksComeInTheOrderOfTheAPI(t *testing.T) {
	b := start(t, sandbox.Options{Limits: sandbox.Limits{Create: 8}})
	key := []string{"X-Idempotency-Key", "key"}
	b.want(b.create("order_1", "used_id", "1000", key...), 200, "")
	send := func(order, body string, headers ...string) reply {
		return b.do("POST", "/pg/orders/"+order+"/refunds", body, headers...)
	}
	b.want(send("nobody", `{"refund_id":"used_id"`, "X-Client-Id", "", "X-Api-Version", ""), 401, "request_failed")
	b.want(send("nobody", `{"refund_id":"used_id"`, "X-Api-Version", ""), 400, "request_failed")
	b.want(send("nobody", `{"refund_id":"used_id"`, "X-Api-Version", "2020-01-01"), 400, "version_invalid")
	b.want(send("order_1", createBody("used_id", "-1"), key...), 422, "request_invalid")
	b.want(send("nobody", createBody("used_id", "-1")), 400, "refund_amount_invalid")
	b.want(send("nobody", createBody("used_id", "1")), 404, "order_not_found")
	b.want(send("order_unpaid", createBody("used_id", "1")), 400, "order_id_not_paid")
	b.want(send("order_void", createBody("used_id", "1")), 400, "order_id_voided")
	b.want(send("order_1", createBody("used_id", "1")), 400, "refund_id_invalid")
	b.want(send("order_1", createBody("ref_2", "1")), 400, "refund_post_failed")
	b.want(send("order_1", createBody("used_id", "1000"), key...), 429, "request_failed")
	b.want(send("order_1", "{", "X-Client-Id", ""), 401, "request_failed")
}

func TestEveryAnswerHasTheHeadersOfTheAPI(t *testing.T) {
	b := start(t, sandbox.Options{Limits: sandbox.Limits{Create: 5, Refund: 7}})
	for name, r := range map[string]reply{
		"created": b.create("order_1", "ref_1", "1", "X-Idempotency-Key", "k1", "X-Request-Id", "trace"),
		"refused": b.create("nobody", "ref_1", "1", "X-Idempotency-Key", "k1", "X-Request-Id", "trace"),
		"401":     b.create("order_1", "ref_1", "1", "X-Client-Id", "", "X-Idempotency-Key", "k1", "X-Request-Id", "trace"),
	} {
		for header, want := range map[string]string{"X-Idempotency-Key": "k1", "X-Idempotency-Replayed": "false", "X-Api-Version": "2023-08-01",
			"X-Request-Id": "trace", "X-Ratelimit-Retry": "0", "X-Ratelimit-Type": "app_id", "Content-Type": "application/json"} {
			if got := r.header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		if r.header.Get("X-Ratelimit-Limit") == "" || r.header.Get("X-Ratelimit-Remaining") == "" {
			t.Errorf("%s: there are no rate limit headers", name)
		}
	}
	read := b.do("GET", "/pg/orders/order_1/refunds", "", "X-Idempotency-Key", "k1")
	if got := read.header["X-Idempotency-Replayed"]; got != nil {
		t.Errorf("a GET has the replay header %q", got)
	}
	if read.header.Get("X-Ratelimit-Limit") != "7" || read.header.Get("X-Ratelimit-Remaining") != "6" || read.header.Get("X-Request-Id") != "" {
		t.Errorf("headers of a read: %v", read.header)
	}
}

func TestEveryWayToAuthenticateIsCheckedAgainstItsOwnParts(t *testing.T) {
	all := sandbox.Credentials{ClientID: "id", ClientSecret: "word", PartnerKey: "partner", PartnerMerchantID: "merchant", Signature: "sign"}
	set := func(pairs ...string) []string {
		return append([]string{"X-Client-Id", "", "X-Client-Secret", ""}, pairs...)
	}
	rows := []struct {
		headers []string
		status  int
	}{
		{set("X-Client-Id", "id", "X-Client-Secret", "word"), 200},
		{set("X-Client-Id", "id", "X-Partner-Apikey", "partner"), 200},
		{set("X-Client-Id", "id", "X-Client-Signature", "sign"), 200},
		{set("X-Partner-Merchantid", "merchant", "X-Partner-Apikey", "partner"), 200},
		{set("X-Client-Id", "id", "X-Client-Secret", "other"), 401},
		{set("X-Client-Id", "other", "X-Client-Secret", "word"), 401},
		{set("X-Client-Id", "id"), 401},
		{set("X-Client-Secret", "word", "X-Partner-Apikey", "partner"), 401},
		{set("X-Partner-Merchantid", "merchant", "X-Client-Secret", "word"), 401},
	}
	strict, open := start(t, sandbox.Options{Credentials: all}), start(t, sandbox.Options{})
	for _, row := range rows {
		if got := strict.do("GET", "/pg/orders/order_1", "", row.headers...).status; got != row.status {
			t.Errorf("%v: %d, want %d", row.headers, got, row.status)
		}
	}
	if got := open.do("GET", "/pg/orders/order_1", "", set("X-Client-Id", "any", "X-Client-Secret", "thing")...).status; got != 200 {
		t.Errorf("without credentials in its options, the emulator answered %d", got)
	}
	if got := open.do("GET", "/pg/orders/order_1", "", set("X-Client-Id", "any")...).status; got != 401 {
		t.Errorf("half a combination was answered with %d", got)
	}
	partly := start(t, sandbox.Options{Credentials: sandbox.Credentials{ClientID: "id", ClientSecret: "word"}})
	if got := partly.do("GET", "/pg/orders/order_1", "", set("X-Client-Id", "id", "X-Partner-Apikey", "")...).status; got != 401 {
		t.Errorf("a part that is not set was accepted: %d", got)
	}
}

func TestTheLimitIsASlidingMinuteForEachClass(t *testing.T) {
	b := start(t, sandbox.Options{Limits: sandbox.Limits{Refund: 2}})
	list := func() reply { return b.do("GET", "/pg/orders/order_1/refunds", "") }
	b.want(list(), 200, "")
	b.clock.advance(20 * time.Second)
	b.want(list(), 200, "")
	over := list()
	b.want(over, 429, "request_failed")
	if over.header.Get("X-Ratelimit-Retry") != "40" || over.header.Get("X-Ratelimit-Remaining") != "0" {
		t.Fatalf("headers %v", over.header)
	}
	b.want(b.do("GET", "/pg/orders/order_1", ""), 200, "") // another class
	b.clock.advance(40 * time.Second)
	b.want(list(), 200, "")
	b.want(list(), 429, "") // the second of the first minute still counts
}

func TestA429IsNeitherExecutedNorStoredUnderTheKey(t *testing.T) {
	b := start(t, sandbox.Options{Limits: sandbox.Limits{Create: 1}})
	b.want(b.create("order_1", "ref_1", "1"), 200, "")
	b.want(b.create("order_1", "ref_2", "1", "X-Idempotency-Key", "k"), 429, "")
	b.clock.advance(time.Minute)
	again := b.create("order_1", "ref_2", "1", "X-Idempotency-Key", "k")
	b.want(again, 200, "")
	if again.header.Get("X-Idempotency-Replayed") != "false" {
		t.Fatal("the 429 was stored")
	}
	b.wantMade("ref_1 ref_2")
}

func TestALargeBodyIsRefused(t *testing.T) {
	b := start(t, sandbox.Options{})
	long := `{"refund_id":"ref_1","refund_amount":1,"refund_note":"` + strings.Repeat("x", 2<<20) + `"}`
	b.want(b.do("POST", "/pg/orders/order_1/refunds", long), 400, "request_invalid")
	b.wantMade("")
}

func TestRequestsAreCountedByEndpoint(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.create("order_1", "ref_1", "1")
	b.create("order_1", "ref_1", "1", "X-Client-Id", "")
	b.do("GET", "/pg/orders/order_1/refunds", "")
	b.do("GET", "/nowhere", "")
	got := b.server.Requests()
	if got[sandbox.CreateRefund] != 2 || got[sandbox.ListRefunds] != 1 || got[sandbox.Unknown] != 1 {
		t.Fatalf("%v", got)
	}
}

func TestClosingTheEmulatorEndsAllWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, sandbox.Options{Latency: time.Hour})
		gone := make(chan error, 1)
		go func() {
			_, err := b.send("GET", "/pg/orders/order_1", "")
			gone <- err
		}()
		synctest.Wait()
		began := time.Now()
		if err := b.server.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-gone; err == nil || time.Since(began) > 0 {
			t.Fatalf("a closed emulator answered, or the error came late: %v", err)
		}
	})
}

func TestARequestWhoseContextEndsLosesItsAnswerNotItsEffect(t *testing.T) {
	for _, spec := range []string{"hang=1h", "slow=1h"} {
		t.Run(spec, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, sandbox.Options{Faults: faults(t, spec)})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				r, err := http.NewRequestWithContext(ctx, "POST", b.base+"/pg/orders/order_1/refunds", strings.NewReader(createBody("ref_1", "1")))
				if err != nil {
					t.Fatal(err)
				}
				r.Header = http.Header{"X-Client-Id": {"id"}, "X-Client-Secret": {"word"}, "X-Api-Version": {"2023-08-01"}}
				if _, err := b.via.RoundTrip(r); !errors.Is(err, context.DeadlineExceeded) {
					t.Fatalf("got %v", err)
				}
				<-time.After(2 * time.Hour)
				b.wantMade("ref_1")
			})
		})
	}
}

func TestLatencyComesBeforeEveryAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, sandbox.Options{Latency: 300 * time.Millisecond})
		began := time.Now()
		b.want(b.do("GET", "/pg/orders/order_1", ""), 200, "")
		if took := time.Since(began); took != 300*time.Millisecond {
			t.Fatalf("took %v", took)
		}
	})
}
