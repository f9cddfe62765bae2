package sandbox_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"refundctl/internal/sandbox"
)

func kept(t *testing.T) string { return filepath.Join(t.TempDir(), "sandbox", "data.jsonl") }

func TestRefundsAndAnswersAreKeptBetweenRuns(t *testing.T) {
	path := kept(t)
	first := start(t, sandbox.Options{DataFile: path, SettleAfter: time.Minute})
	answer := first.create("order_1", "ref_1", "600", "X-Idempotency-Key", "k")
	first.want(answer, 200, "")
	first.create("order_2", "ref_2", "1")
	first.do("PUT", "/pg/orders/order_2/refunds/ref_2", `{"refund_status":"CANCELLED"}`, "X-Api-Version", "2025-01-01")
	paid := first.do("GET", "/pg/orders/order_1/payments", "").body
	if err := first.server.Close(); err != nil {
		t.Fatal(err)
	}

	first.clock.advance(12 * time.Hour)
	second := startAt(t, first.clock, sandbox.Options{DataFile: path})
	second.wantMade("ref_1 ref_2")
	replay := second.create("order_1", "ref_1", "600", "X-Idempotency-Key", "k")
	if replay.status != 200 || replay.body != answer.body || replay.header.Get("X-Idempotency-Replayed") != "true" {
		t.Fatalf("the answer was not replayed: %v", replay)
	}
	second.want(second.create("order_1", "ref_1", "1"), 400, "refund_id_invalid")
	second.want(second.create("order_1", "ref_3", "400.01"), 400, "refund_post_failed")
	if got := second.list("order_2")[0]["refund_status"]; got != "CANCELLED" {
		t.Fatal(got)
	}
	if now := second.do("GET", "/pg/orders/order_1/payments", "").body; now != paid {
		t.Fatalf("the time of payment changed:\n%s%s", paid, now)
	}
}

func TestAStatusOfARefundOfTheWorldIsKeptToo(t *testing.T) {
	path := kept(t)
	w := sandbox.World{Orders: []sandbox.Order{{OrderID: "order_1", Amount: inr(100_000)}},
		Refunds: []sandbox.Refund{{ParentID: "order_1", RefundID: "dash_1", Amount: inr(100), Status: "ONHOLD"}}}
	first := start(t, sandbox.Options{DataFile: path, World: w})
	if err := first.server.SetStatus(sandbox.OrderKind, "dash_1", "FAILED"); err != nil {
		t.Fatal(err)
	}
	second := start(t, sandbox.Options{DataFile: path, World: w})
	if got := second.list("order_1")[0]["refund_status"]; got != "FAILED" {
		t.Fatal(got)
	}
}

func TestTwoEmulatorsOnOneFileAreOneMerchant(t *testing.T) {
	path := kept(t)
	both := []*bench{start(t, sandbox.Options{DataFile: path}), start(t, sandbox.Options{DataFile: path})}
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			b := both[i%2]
			if _, err := b.send("POST", "/pg/orders/order_1/refunds", createBody(fmt.Sprintf("ref_%d", i/2), "100"), "X-Idempotency-Key", fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	both[0].want(both[0].do("GET", "/pg/orders/order_1", ""), 200, "")
	both[1].want(both[1].do("GET", "/pg/orders/order_1", ""), 200, "")
	if both[0].made() != both[1].made() || len(both[0].server.Executions()) != 10 {
		t.Fatalf("%q and %q", both[0].made(), both[1].made())
	}
}

func TestAnUnfinishedLastLineIsDroppedAndOtherDamageIsReported(t *testing.T) {
	path := kept(t)
	b := start(t, sandbox.Options{DataFile: path})
	b.create("order_1", "ref_1", "1")
	b.create("order_1", "ref_2", "1")
	_ = b.server.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	last := lines[len(lines)-2]
	before := strings.TrimSuffix(string(whole), last)
	for _, tail := range []string{last[:1], last[:len(last)/2], last[:len(last)-1], "\x00\x00\x00", strings.Repeat("x", 4096)} {
		write(t, path, before+tail)
		again := start(t, sandbox.Options{DataFile: path})
		again.wantMade("ref_1")
		if left, err := os.ReadFile(path); err != nil || string(left) != before {
			t.Fatalf("the tail is still there: %q %v", left, err)
		}
		again.want(again.create("order_1", "ref_3", "1"), 200, "")
		_ = again.server.Close()
		third := start(t, sandbox.Options{DataFile: path})
		third.wantMade("ref_1 ref_3")
		_ = third.server.Close()
	}
	for name, text := range map[string]string{
		"line 2":    lines[0] + "{\"refund\":3}\n" + last,
		"line 3":    lines[0] + lines[1] + "\x00\x00\n" + last,
		"line 1":    "nonsense\n",
		"version 9": "{\"refundctl_sandbox_data\":9}\n",
		"twice":     before + last + last,
		"unknown":   before + "{\"new_thing\":1}\n",
	} {
		write(t, path, text)
		_, err := sandbox.New(sandbox.Options{Clock: newClock().now, World: world(), DataFile: path})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyTheOwnerCanReadTheDataFile(t *testing.T) {
	path := kept(t)
	start(t, sandbox.Options{DataFile: path})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info.Mode(), err)
	}
}

// asChild turns this test binary into a client with an embedded emulator, which its parent kills.
const asChild = "SANDBOX_TEST_CHILD_DATA"

func TestAKilledProcessKeepsWhatWasAnswered(t *testing.T) {
	if path := os.Getenv(asChild); path != "" {
		refundForEver(t, path)
	}
	for kill := range 3 {
		path := kept(t)
		answered := killedAfter(t, path, 5+7*kill)
		b := start(t, sandbox.Options{DataFile: path})
		made := len(b.server.Executions())
		if made < answered || made > answered+1 {
			t.Fatalf("%d answered, %d kept", answered, made)
		}
		for i, e := range b.server.Executions() {
			if e.RefundID != fmt.Sprintf("ref_%d", i) {
				t.Fatalf("refund %d is %s", i, e.RefundID)
			}
		}
		again := b.create("order_1", fmt.Sprintf("ref_%d", answered-1), "0.01", "X-Idempotency-Key", fmt.Sprint(answered-1))
		if again.status != 200 || again.header.Get("X-Idempotency-Replayed") != "true" {
			t.Fatal("a sent answer is not stored:", again)
		}
	}
}

// killedAfter runs a child, kills it with SIGKILL after this many answers, and returns how many answers it reported.
func killedAfter(t *testing.T, path string, answers int) (reported int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAKilledProcessKeepsWhatWasAnswered$")
	child.Env = append(os.Environ(), asChild+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if reported++; reported == answers {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || reported < answers {
		t.Fatalf("the child ended by itself after %d answers: %v", reported, err)
	}
	return reported
}

func refundForEver(t *testing.T, path string) {
	b := start(t, sandbox.Options{DataFile: path})
	for i := 0; ; i++ {
		b.want(b.create("order_1", fmt.Sprintf("ref_%d", i), "0.01", "X-Idempotency-Key", fmt.Sprint(i)), 200, "")
		fmt.Println(i)
	}
}

func TestAnEmulatorWithoutItsFileAnswers500(t *testing.T) {
	path := kept(t)
	b := start(t, sandbox.Options{DataFile: path})
	b.create("order_1", "ref_1", "1")
	write(t, path, "")
	b.want(b.create("order_1", "ref_2", "1"), 500, "internal_error")
	b.wantMade("ref_1")
}
