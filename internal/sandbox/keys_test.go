package sandbox_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"refundctl/internal/sandbox"
)

func TestAKeyReplaysItsFirstAnswerOfAnyKind(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.create("order_1", "used_id", "1")
	for i, row := range []struct {
		order, body string
		status      int
	}{
		{"order_1", createBody("ref_1", "1"), 200},
		{"order_1", createBody("ref_2", "-1"), 400},
		{"nobody", createBody("ref_3", "1"), 404},
		{"order_unpaid", createBody("ref_4", "1"), 400},
		{"order_1", createBody("used_id", "1"), 400},
		{"order_2", createBody("ref_5", "5000"), 400},
	} {
		path, key := "/pg/orders/"+row.order+"/refunds", fmt.Sprintf("key-%d", i)
		first := b.do("POST", path, row.body, "X-Idempotency-Key", key)
		// What the first answer was based on changes, but the answer does not.
		b.clock.advance(time.Minute)
		if err := b.server.Add(sandbox.World{Orders: []sandbox.Order{{OrderID: row.order, Amount: inr(9_000_000)}}}); err != nil {
			t.Fatal(err)
		}
		second := b.do("POST", path, row.body, "X-Idempotency-Key", key)
		if first.status != row.status || second.status != row.status || first.body != second.body {
			t.Errorf("%s: %d %s then %d %s", row.body, first.status, first.body, second.status, second.body)
		}
		if first.header.Get("X-Idempotency-Replayed") != "false" || second.header.Get("X-Idempotency-Replayed") != "true" || second.header.Get("X-Idempotency-Key") != key {
			t.Errorf("%s: %v then %v", row.body, first.header, second.header)
		}
	}
	b.wantMade("used_id ref_1")
}

func TestACredentialsRefusalIsNotStored(t *testing.T) {
	b := start(t, sandbox.Options{Credentials: sandbox.Credentials{ClientID: "id-of-a-test", ClientSecret: "word"}})
	b.want(b.create("order_1", "ref_1", "1", "X-Idempotency-Key", "k", "X-Client-Secret", "wrong"), 401, "")
	b.want(b.create("order_1", "ref_1", "1", "X-Idempotency-Key", "k"), 200, "")
}

func TestADifferentBodyUnderAKeyIs422BeforeValidation(t *testing.T) {
	b := start(t, sandbox.Options{})
	b.create("order_1", "ref_1", "1", "X-Idempotency-Key", "k")
	for _, body := range []string{createBody("ref_1", "2"), createBody("ref_1", "-1"), createBody("ref_2", "1"), "{", ""} {
		r := b.do("POST", "/pg/orders/order_1/refunds", body, "X-Idempotency-Key", "k")
		b.want(r, 422, "request_invalid")
		if object(t, r)["type"] != "idempotency_error" || r.header.Get("X-Idempotency-Replayed") != "false" {
			t.Errorf("%s: %v %s", body, r.header, r.body)
		}
	}
	again := b.create("order_1", "ref_1", "1", "X-Idempotency-Key", "k")
	b.want(again, 200, "")
	b.wantMade("ref_1")
}

func TestBodiesAreComparedAsJSONUnlessTextualIsSet(t *testing.T) {
	first := `{"refund_id":"ref_1","refund_amount":100.10,"refund_splits":[{"vendor_id":"v","amount":1}]}`
	same := []string{
		`{"refund_amount":100.1,"refund_id":"ref_1","refund_splits":[{"amount":1.0,"vendor_id":"v"}]}`,
		` { "refund_id" : "ref_1", "refund_amount" : 100.100, "refund_splits":[{"vendor_id":"v","amount":1}]}`,
	}
	other := []string{
		first + "{}",
		`{"refund_id":"ref_1","refund_amount":"100.10","refund_splits":[{"vendor_id":"v","amount":1}]}`,
		`{"refund_id":"ref_1","refund_amount":100.10,"refund_splits":[]}`,
		`{"refund_id":"ref_1","refund_amount":100.10,"refund_splits":null}`,
		`{"refund_id":"ref_1","refund_amount":100.10}`,
		`{"refund_id":"ref_1","refund_amount":100.10,"refund_note":null,"refund_splits":[{"vendor_id":"v","amount":1}]}`,
	}
	semantic, textual := start(t, sandbox.Options{}), start(t, sandbox.Options{Compare: sandbox.Textual})
	status := func(b *bench, body string) int {
		return b.do("POST", "/pg/orders/order_1/refunds", body, "X-Idempotency-Key", "k").status
	}
	if status(semantic, first) != 200 || status(textual, first) != 200 || status(textual, first) != 200 {
		t.Fatal("the first body was refused")
	}
	for _, body := range same {
		if got := status(semantic, body); got != 200 {
			t.Errorf("%s: %d", body, got)
		}
		if got := status(textual, body); got != 422 {
			t.Errorf("as text %s: %d", body, got)
		}
	}
	for _, body := range other {
		if got := status(semantic, body); got != 422 {
			t.Errorf("%s: %d", body, got)
		}
	}
}

func TestAKeyBelongsToOneClientAndPath(t *testing.T) {
	b := start(t, sandbox.Options{})
	key := []string{"X-Idempotency-Key", "k"}
	b.want(b.create("order_1", "ref_1", "1", key...), 200, "")
	b.want(b.create("order_2", "ref_2", "1", key...), 200, "")
	b.want(b.create("order_1", "ref_3", "1", append(key, "X-Client-Id", "somebody-else")...), 200, "")
	b.wantMade("ref_1 ref_2 ref_3")
}

func TestOnlyIDAndSecretHaveKeys(t *testing.T) {
	b := start(t, sandbox.Options{})
	partner := []string{"X-Client-Secret", "", "X-Partner-Apikey", "p", "X-Idempotency-Key", "k"}
	b.want(b.create("order_1", "ref_1", "1", partner...), 200, "")
	b.want(b.create("order_1", "ref_1", "1", partner...), 400, "refund_id_invalid")
	b.wantMade("ref_1")
}

func TestAKeyIsForgottenAfterItsLifetime(t *testing.T) {
	b := start(t, sandbox.Options{})
	key := []string{"X-Idempotency-Key", "k"}
	b.want(b.create("order_1", "ref_1", "1", key...), 200, "")
	b.clock.advance(24*time.Hour - time.Nanosecond)
	b.want(b.create("order_1", "ref_1", "1", key...), 200, "")
	b.clock.advance(time.Nanosecond)
	late := b.create("order_1", "ref_1", "1", key...)
	b.want(late, 400, "refund_id_invalid")
	if late.header.Get("X-Idempotency-Replayed") != "false" {
		t.Fatal("an expired key was replayed")
	}
	b.want(b.create("order_1", "ref_1", "1", key...), 400, "refund_id_invalid")
	b.wantMade("ref_1")
}

func TestConcurrentRequestsWithOneKeyMakeOneRefund(t *testing.T) {
	b := start(t, sandbox.Options{})
	var all sync.WaitGroup
	replays := make(chan string, 16)
	for range cap(replays) {
		all.Go(func() {
			r, err := b.send("POST", "/pg/orders/order_1/refunds", createBody("ref_1", "1"), "X-Idempotency-Key", "k")
			if err != nil || r.status != 200 {
				t.Errorf("%v %v", r, err)
			}
			replays <- r.header.Get("X-Idempotency-Replayed")
		})
	}
	all.Wait()
	close(replays)
	count := map[string]int{}
	for r := range replays {
		count[r]++
	}
	if count["false"] != 1 || count["true"] != cap(replays)-1 {
		t.Fatal(count)
	}
	b.wantMade("ref_1")
}

func TestConcurrentRefundsNeverExceedTheCap(t *testing.T) {
	b := start(t, sandbox.Options{})
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			_, _ = b.send("POST", "/pg/orders/order_1/refunds", createBody(fmt.Sprintf("ref_%d", i), "100"))
		})
	}
	all.Wait()
	if got := len(b.server.Executions()); got != 10 {
		t.Fatalf("%d refunds of 100 on 1000", got)
	}
}
