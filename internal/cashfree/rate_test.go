package cashfree_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/cashfree"
	"refundctl/internal/money"
	"refundctl/internal/refund"
	"refundctl/internal/sandbox"
)

// counted counts the requests of each class, and how many of them were throttled.
type counted struct {
	mu                 sync.Mutex
	answered, throttle map[string]int
}

func (c *counted) see(e cashfree.Exchange) {
	class := "order"
	switch {
	case e.Method == "POST":
		class = "create"
	case strings.HasSuffix(e.Path, "/refunds"):
		class = "refund"
	case strings.HasSuffix(e.Path, "/payments"):
		class = "payments"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered[class]++
	if e.HTTP == 429 {
		c.throttle[class]++
	}
}

// The emulator counts the requests of a minute on its own, with production's limits. Many goroutines
// make calls of all four classes at once.
func TestRate_TheEmulatorNeverThrottlesTheClient(t *testing.T) {
	const orders, minutes = 1000, 10
	production := cashfree.Rates{Create: 100, Refund: 30, Order: 400, Payments: 100}
	synctest.Test(t, func(t *testing.T) {
		world := sandbox.World{}
		for i := range orders {
			world.Orders = append(world.Orders, sandbox.Order{OrderID: fmt.Sprintf("order_%d", i), Amount: money.Amount{Minor: 10000, Currency: money.INR}})
		}
		emulator, err := sandbox.New(sandbox.Options{Clock: time.Now, World: world, Latency: 150 * time.Millisecond, Limits: sandbox.Limits(production)})
		if err != nil {
			t.Fatal(err)
		}
		defer emulator.Close()
		seen := &counted{answered: map[string]int{}, throttle: map[string]int{}}
		c, err := cashfree.New(cashfree.Options{
			BaseURL: "http://127.0.0.1/pg", APIVersion: "2023-08-01", Transport: emulator.Transport(), Clock: time.Now,
			Credentials: cashfree.Credentials{ClientID: "id", ClientSecret: "of-nobody"}, Documented: production, Headroom: 20, Observe: seen.see,
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		work(t, c, minutes*time.Minute)
		if took := time.Since(began); took > minutes*time.Minute+time.Minute {
			t.Errorf("it took %s", took)
		}
		for class, limit := range map[string]int{"create": 100, "refund": 30, "order": 400, "payments": 100} {
			may := limit * 80 / 100
			t.Logf("%s: %d in %d minutes of %d a minute, %d throttled", class, seen.answered[class], minutes, may, seen.throttle[class])
			if seen.throttle[class] > 0 {
				t.Errorf("%s: %d were throttled", class, seen.throttle[class])
			}
			if seen.answered[class]*100 < 90*minutes*may {
				t.Errorf("%s: %d requests use less than nine tenths of the %d that were allowed", class, seen.answered[class], minutes*may)
			}
			if seen.answered[class] > (minutes+1)*may {
				t.Errorf("%s: %d requests leave no headroom in %d minutes of %d", class, seen.answered[class], minutes, may)
			}
		}
	})
}

// work makes calls of all classes from many goroutines for this long.
func work(t *testing.T, c *cashfree.Client, length time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	parent := refund.Parent{Account: "f", Kind: refund.Order, ID: "order_0"}
	var next sync.Mutex
	order := 0
	calls := []func(){
		func() { _, _ = c.Refunds(ctx, parent) },
		func() { _, _ = c.Payments(ctx, parent) },
		func() { _, _ = c.Order(ctx, parent) },
		func() {
			if c.Turn(ctx) != nil {
				return
			}
			next.Lock()
			id := order
			order++
			next.Unlock()
			request := refund.Request{Method: "POST", Path: fmt.Sprintf("/orders/order_%d/refunds", id), Body: fmt.Appendf(nil, `{"refund_id":"r_%d","refund_amount":1.00}`, id)}
			c.Create(ctx, request, "")
		},
	}
	var workers sync.WaitGroup
	for _, call := range calls {
		for range 4 {
			workers.Go(func() {
				for ctx.Err() == nil {
					call()
				}
			})
		}
	}
	workers.Wait()
}
