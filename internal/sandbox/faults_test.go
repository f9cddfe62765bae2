package sandbox_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/sandbox"
)

// overHTTP puts the emulator behind a real socket. Every request has its own connection: on a reused one, the client's
// transport would repeat a request by itself.
func (b *bench) overHTTP() *bench {
	srv := httptest.NewServer(b.server)
	b.t.Cleanup(srv.Close)
	b.via, b.base = &http.Transport{DisableKeepAlives: true}, srv.URL
	return b
}

// The first create has the fault, and the second sends the same bytes and key again. Every row holds over a socket and
// in-process.
func TestEachFaultActsOnItsRequests(t *testing.T) {
	const lost = 0
	rows := []struct {
		fault     string
		status    int    // of the first answer
		contains  string // in its body
		afterward string // executed after the first
		second    int    // status of the repetition
		replayed  string // its replay header
	}{
		{"drop-before", lost, "", "", 200, "false"},
		{"drop-after", lost, "", "ref_1", 200, "true"},
		{"500-before", 500, "internal_error", "", 200, "false"},
		{"500-after", 500, "internal_error", "ref_1", 400, "false"},
		{"500-stored", 500, "internal_error", "", 500, "true"},
		{"500-stored-after", 500, "internal_error", "ref_1", 500, "true"},
		{"502-html", 502, "<html>", "", 200, "false"},
		{"502-html-after", 502, "<html>", "ref_1", 200, "true"},
		{"truncate", lost, "", "ref_1", 200, "true"},
		{"garbage", 200, `"OK"`, "ref_1", 200, "true"},
		{"wrong-amount", 200, `"refund_amount":12.01`, "ref_1", 200, "true"},
		{"wrong-id", 200, `"refund_id":"another_refund"`, "ref_1", 200, "true"},
		{"redirect", 307, "", "", 200, "false"},
		{"429", 429, "Too many requests", "", 200, "false"},
		{"busy", 409, "already being processed", "", 200, "false"},
	}
	for _, row := range rows {
		for _, way := range []string{"in-process", "socket"} {
			t.Run(row.fault+"/"+way, func(t *testing.T) {
				b := start(t, sandbox.Options{Faults: faults(t, row.fault+"=#1")})
				if way == "socket" {
					b.overHTTP()
				}
				first, err := b.send("POST", "/pg/orders/order_1/refunds", createBody("ref_1", "12"), "X-Idempotency-Key", "k")
				if row.status == lost && err == nil || row.status != lost && (err != nil || first.status != row.status || !strings.Contains(first.body, row.contains)) {
					t.Fatalf("%v %v", first, err)
				}
				b.wantMade(row.afterward)
				second := b.create("order_1", "ref_1", "12", "X-Idempotency-Key", "k")
				if second.status != row.second || second.header.Get("X-Idempotency-Replayed") != row.replayed {
					t.Fatalf("then %v", second)
				}
				if row.second == 200 && !strings.Contains(second.body, `"refund_amount":12,`) {
					t.Fatalf("the stored answer is not the true one: %s", second.body)
				}
			})
		}
	}
}

func TestADroppedConnectionIsUnexpectedEOFInProcess(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "drop-after=#1,truncate=#2")})
	if _, err := b.send("POST", "/pg/orders/order_1/refunds", createBody("ref_1", "1")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", err)
	}
	half, err := b.send("POST", "/pg/orders/order_1/refunds", createBody("ref_2", "1"))
	if !errors.Is(err, io.ErrUnexpectedEOF) || half.status != 200 || !strings.HasPrefix(half.body, `{"cf_payment_id"`) {
		t.Fatalf("got %v %v", half, err)
	}
}

func TestR17_FollowingARedirectMovesMoney(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "redirect=1")}).overHTTP()
	first := b.create("order_1", "ref_1", "1")
	to := first.header.Get("Location")
	if first.status != 307 || to == "" {
		t.Fatalf("%v", first)
	}
	b.wantMade("")
	b.want(b.do("POST", to, createBody("ref_1", "1")), 200, "")
	b.wantMade("ref_1")
}

func TestTheRateLimitFaultSaysWhenToRetry(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "429=#1")})
	if r := b.create("order_1", "ref_1", "1"); r.status != 429 || r.header.Get("X-Ratelimit-Retry") != "1" {
		t.Fatal(r)
	}
}

func TestReadFaultsEnd(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "read-404=#1,read-500=#2-3")})
	var got []int
	for range 4 {
		got = append(got, b.do("GET", "/pg/orders/order_1/refunds", "").status)
		b.want(b.do("GET", "/pg/orders/order_1/payments", ""), 200, "") // not a read of refunds
	}
	if fmt.Sprint(got) != "[404 500 500 200]" {
		t.Fatal(got)
	}
}

func TestCancelFaultsDoWhatTheirNamesSay(t *testing.T) {
	for fault, want := range map[string]string{"cancel-drop-before": "PENDING", "cancel-drop-after": "CANCELLED", "cancel-500-after": "CANCELLED"} {
		b := start(t, sandbox.Options{SettleAfter: time.Minute, Faults: faults(t, fault+"=#1")})
		b.want(b.create("order_1", "ref_1", "1"), 200, "")
		const path = "/pg/orders/order_1/refunds/ref_1"
		cancel := func() (reply, error) {
			return b.send("PUT", path, `{"refund_status":"CANCELLED"}`, "X-Api-Version", "2025-01-01")
		}
		if r, err := cancel(); err == nil && r.status != 500 {
			t.Errorf("%s: %d %s", fault, r.status, r.body)
		}
		if got := object(t, b.do("GET", path, ""))["refund_status"]; got != want {
			t.Errorf("%s: %v", fault, got)
		}
		if _, err := cancel(); err != nil {
			t.Errorf("%s happened twice: %v", fault, err)
		}
	}
}

// These faults set the final status of a refund of each kind, in the words of that kind, when it settles and not before.
func TestOutcomeFaultsSetTheFinalStatus(t *testing.T) {
	for fault, want := range map[string][3]string{"fails": {"FAILED", "FAILED", "FAILED"}, "bank-cancels": {"CANCELLED", "CANCEL", "CANCELLED"},
		"on-hold": {"ONHOLD", "PENDING", "PENDING"}} {
		b := start(t, sandbox.Options{SettleAfter: time.Minute, Faults: faults(t, fault+"=#1-3,drop-before=#9")})
		b.create("order_1", "ref_1", "1")
		b.subscribe(subscriptionBody("ref_2", "pay_upi", "1", "STANDARD"))
		b.flow(flowBody("ref_3", "1"))
		b.create("order_1", "ref_4", "1")
		status := func(path string) any { return object(t, b.do("GET", path, ""))["refund_status"] }
		if got := status("/pg/orders/order_1/refunds/ref_1"); got != "PENDING" {
			t.Errorf("%s: %v before it settles", fault, got)
		}
		b.clock.advance(time.Minute)
		got := [3]string{fmt.Sprint(status("/pg/orders/order_1/refunds/ref_1")), fmt.Sprint(status("/pg/subscriptions/sub_1/refunds/ref_2")),
			fmt.Sprint(status("/router/refunds/ref_3"))}
		if other := status("/pg/orders/order_1/refunds/ref_4"); got != want || other != "SUCCESS" {
			t.Errorf("%s: %q, and another %v", fault, got, other)
		}
	}
}

func TestFaultsAfterTheWorkDoNotChangeRefusals(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "drop-after=1,garbage=1,500-stored-after=1")})
	b.want(b.create("nobody", "ref_1", "1"), 404, "order_not_found")
}

func TestSlowStartsLateAndHangAnswersLate(t *testing.T) {
	for spec, madeAtHalf := range map[string]string{"slow=2s@#1": "", "hang=2s": "ref_1"} {
		synctest.Test(t, func(t *testing.T) {
			b := start(t, sandbox.Options{Faults: faults(t, spec)})
			began := time.Now()
			answered := make(chan reply, 1)
			go func() {
				r, _ := b.send("POST", "/pg/orders/order_1/refunds", createBody("ref_1", "1"))
				answered <- r
			}()
			<-time.After(time.Second)
			b.wantMade(madeAtHalf)
			b.want(<-answered, 200, "")
			if took := time.Since(began); took != 2*time.Second {
				t.Fatalf("%s took %v", spec, took)
			}
		})
	}
}

func TestTheSameSeedGivesTheSameFaults(t *testing.T) {
	story := func(seed uint64) string {
		b := start(t, sandbox.Options{Faults: faults(t, "500-before=0.3,drop-after=0.25"), Seed: seed})
		var text strings.Builder
		for i := range 60 {
			r, err := b.send("POST", "/pg/orders/order_1/refunds", createBody(fmt.Sprintf("ref_%d", i), "1"))
			fmt.Fprint(&text, r.status, err != nil, " ")
		}
		return text.String()
	}
	one := story(1)
	if story(1) != one {
		t.Fatal("one seed gave two results")
	}
	if story(2) == one {
		t.Fatal("two seeds gave the same result")
	}
	if failed := strings.Count(one, "500"); failed < 6 || failed > 30 {
		t.Fatalf("%d of 60 failed at a chance of 0.3", failed)
	}
}

func TestAProbabilityOfZeroIsNeverAndOfOneIsAlways(t *testing.T) {
	b := start(t, sandbox.Options{Faults: faults(t, "busy=0,500-before=1.000")})
	for range 50 {
		b.want(b.create("order_1", "ref_1", "1"), 500, "internal_error")
	}
}

func TestInvalidFaultsAreRefusedWithAListOfTheNames(t *testing.T) {
	for _, spec := range []string{"explode=1", "drop-after", "drop-after=", "drop-after=2", "drop-after=1.5", "drop-after=-1", "drop-after=+1",
		"drop-after=0.1234567", "drop-after=1e-1", "drop-after=.", "drop-after=1.", "drop-after=#0", "drop-after=#3-2", "drop-after=#x", "slow=0.5", "slow=-1s", "hang=1s@9", "read-lag=#1", ","} {
		if _, err := sandbox.ParseFaults(spec); err == nil {
			t.Errorf("%q is accepted", spec)
		}
	}
	_, err := sandbox.ParseFaults("explode=1")
	for _, name := range sandbox.FaultNames() {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
	for _, spec := range []string{"", " ", "drop-after=0.5, 500-stored=#3-5", "slow=19s@0.1,hang=1s@#2,read-lag=3s", "busy=.5"} {
		if _, err := sandbox.ParseFaults(spec); err != nil {
			t.Errorf("%q: %v", spec, err)
		}
	}
}

func FuzzParseFaults(f *testing.F) {
	f.Add("drop-after=0.5,slow=2s@#1-3")
	f.Fuzz(func(t *testing.T, spec string) {
		if _, err := sandbox.ParseFaults(spec); err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
	})
}

func TestTheHelpNamesEveryFault(t *testing.T) {
	for _, name := range sandbox.FaultNames() {
		if !strings.Contains(sandbox.FaultHelp, "\n  "+name+" ") {
			t.Errorf("the help does not mention %s", name)
		}
	}
}
