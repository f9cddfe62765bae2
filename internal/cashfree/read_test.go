package cashfree

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"refundctl/internal/refund"
)

func compare(want, got refund.Answer) string { return cmp.Diff(want, got) }

func TestRefunds_ClassOfEveryFailure(t *testing.T) {
	good := `[` + created + `]`
	for name, tc := range map[string]struct {
		status int
		body   string
		class  refund.ReadClass
		tries  int
	}{
		"good":               {200, good, "", 1},
		"no refunds":         {200, "[]\n", "", 1},
		"unknown order":      {404, `{"message":"Order Reference Id does not exist","code":"order_not_found"}`, refund.NotFound, 1},
		"unknown as 400":     {400, `{"code":"order_get_not_found"}`, refund.NotFound, 1},
		"404 of an address":  {404, `{"message":"Resource not found","code":"url_not_found"}`, refund.Unreadable, 1},
		"404 without code":   {404, `{}`, refund.Unreadable, 1},
		"404 of a gateway":   {404, "<html>", refund.Unreachable, 4},
		"credentials":        {401, `{"message":"authentication Failed","code":"request_failed"}`, refund.Credentials, 1},
		"forbidden page":     {403, "<html>", refund.Credentials, 1},
		"refused":            {400, `{"code":"request_failed"}`, refund.Refusal, 1},
		"conflict":           {409, `{}`, refund.Refusal, 1},
		"throttled":          {429, `{}`, refund.Throttled, 4},
		"server error":       {500, `{"code":"internal_error"}`, refund.Unreachable, 4},
		"bad gateway":        {502, "<html>", refund.Unreachable, 4},
		"other 2xx":          {204, "", refund.Unreachable, 4},
		"page":               {200, "<html>", refund.Unreachable, 4},
		"empty":              {200, "", refund.Unreachable, 4},
		"cut off":            {200, good[:20], refund.Unreachable, 4},
		"two values":         {200, "[] []", refund.Unreachable, 4},
		"null":               {200, "null", refund.Unreachable, 1},
		"object":             {200, `{"refunds":[]}`, refund.Unreachable, 1},
		"another service":    {200, `[{"id":1}]`, refund.Unreachable, 1},
		"sign-in of a proxy": {407, "<html>", refund.Unreachable, 1},
		"sign-in":            {511, "<html>", refund.Unreachable, 4},
		"hole":               {200, `[` + created + `,null]`, refund.Unreadable, 1},
		"row without id":     {200, `[{"refund_amount":1}]`, refund.Unreadable, 1},
		"row without money":  {200, `[` + created + `,{"refund_id":"r_2"}]`, refund.Unreadable, 1},
		"too large":          {200, `"` + strings.Repeat("x", maxRead), refund.Unreadable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := answering(t, tc.status, nil, tc.body)
				got, err := c.Refunds(t.Context(), orderNine)
				if class := refund.ReadClassOf(err); class != tc.class || (err == nil) != (tc.class == "") {
					t.Errorf("class %q (%v), want %q", class, err, tc.class)
				}
				if err != nil && got != nil {
					t.Errorf("a failed read gave a list: %v", got)
				}
				if err == nil && got == nil {
					t.Error("an empty list is nil")
				}
				if c.Reads() != tc.tries {
					t.Errorf("%d requests, want %d", c.Reads(), tc.tries)
				}
			})
		})
	}
}

func TestReads_RecoverFromATemporaryFailure(t *testing.T) {
	for _, failure := range []string{"503", "page", "reset"} {
		var n atomic.Int64
		var seen []Exchange
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case n.Add(1) > 2:
				w.Header().Set("X-Ratelimit-Remaining", "17")
				io.WriteString(w, "[]")
			case failure == "503":
				w.WriteHeader(503)
			case failure == "page":
				io.WriteString(w, "<html>")
			default:
				panic(http.ErrAbortHandler)
			}
		})
		o := options(s.URL + "/pg")
		o.Observe = func(e Exchange) { seen = append(seen, e) }
		c := newClient(t, o)
		if _, err := c.Refunds(t.Context(), orderNine); err != nil || c.Reads() != 3 || n.Load() != 3 {
			t.Errorf("%s: %v after %d reads, %d seen", failure, err, c.Reads(), n.Load())
		}
		last := seen[len(seen)-1]
		if len(seen) != 3 || last.Try != 3 || last.HTTP != 200 || last.RateRemaining != 17 || seen[0].RateRemaining != -1 ||
			last.Path != "/orders/order_9/refunds" || last.RequestID == seen[0].RequestID {
			t.Errorf("%s: observed %+v", failure, seen)
		}
	}
}

func TestAReadThatNeverLeftHasNoRequestID(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		sent bool
	}{
		"refused":   {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false},
		"no name":   {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "h"}}, false},
		"cut short": {io.ErrUnexpectedEOF, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := options("https://h/pg")
			o.Transport = transportFunc(func(*http.Request) (*http.Response, error) { return nil, tc.err })
			_, err := newClient(t, o).Refunds(t.Context(), orderNine)
			if refund.ReadClassOf(err) != refund.Unreachable || (refund.RequestID(err) != "") != tc.sent {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

func TestReads_WaitAsLongAsTheHeadersSay(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		header map[string]string
		least  time.Duration
		most   time.Duration
	}{
		"429 advised": {429, map[string]string{"x-ratelimit-retry": "7"}, 21 * time.Second, 21 * time.Second},
		"429 silent":  {429, nil, 3 * time.Minute, 3 * time.Minute},
		"429 absurd":  {429, map[string]string{"Retry-After": "86400"}, 3 * time.Minute, 3 * time.Minute},
		"503 advised": {503, map[string]string{"Retry-After": "2"}, 6 * time.Second, 6 * time.Second},
		"500":         {500, nil, 0, 1400 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := answering(t, tc.status, tc.header, "{}")
				start := time.Now()
				c.Refunds(t.Context(), orderNine)
				if took := time.Since(start); took < tc.least || took > tc.most || c.Reads() != 4 {
					t.Errorf("%d tries took %s", c.Reads(), took)
				}
			})
		})
	}
}

func TestReads_PauseIsRandomFromAGrowingRange(t *testing.T) {
	c := answering(t, 500, nil, "")
	var asked []time.Duration
	c.jitter = func(most time.Duration) time.Duration { asked = append(asked, most); return 0 }
	for retries := range 3 {
		c.backoff(firstPause, longestWait, retries, &http.Response{StatusCode: 500})
	}
	if diff := cmp.Diff([]time.Duration{200e6, 400e6, 800e6}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestReads_StopWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := answering(t, 429, nil, "{}")
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Refunds(ctx, orderNine)
		if !errors.Is(err, context.DeadlineExceeded) || refund.ReadClassOf(err) != "" || time.Since(start) != 5*time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
		c = answering(t, 503, map[string]string{"Retry-After": "50"}, "{}")
		ctx, cancel = context.WithCancel(t.Context())
		go func() { <-time.After(time.Second); cancel() }()
		start = time.Now()
		if _, err = c.Payments(ctx, orderNine); !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

func TestReads_TimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("https://h/pg")
		o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := newClient(t, o).Order(t.Context(), orderNine)
		if refund.ReadClassOf(err) != refund.Unreachable || !strings.Contains(err.Error(), "no answer within 30s") {
			t.Errorf("%v", err)
		}
	})
}

func TestReads_RejectIDsThatLeadElsewhere(t *testing.T) {
	c := answering(t, 200, nil, "[]")
	for _, id := range []string{"", ".", ".."} {
		p := refund.Parent{Kind: refund.Order, ID: id}
		if _, err := c.Refunds(t.Context(), p); err == nil {
			t.Errorf("%q was read", id)
		}
		if _, err := c.Refund(t.Context(), refund.Identity{Parent: orderNine, RefundID: id}); err == nil {
			t.Errorf("refund %q was read", id)
		}
	}
	if _, err := c.Refunds(t.Context(), refund.Parent{Kind: refund.Subscription, ID: "s"}); err == nil {
		t.Error("a subscription was read as an order")
	}
	if c.Reads() != 0 {
		t.Errorf("%d requests", c.Reads())
	}
}

func TestRefund_AnAnswerAboutAnotherRefundIsUnreadable(t *testing.T) {
	c := answering(t, 200, nil, created)
	live, err := c.Refund(t.Context(), refund.Identity{Parent: orderNine, RefundID: "r_1"})
	if err != nil || live.RefundID != "r_1" {
		t.Errorf("%+v, %v", live, err)
	}
	live, err = c.Refund(t.Context(), refund.Identity{Parent: orderNine, RefundID: "r_2"})
	if refund.ReadClassOf(err) != refund.Unreadable || live.RefundID != "" {
		t.Errorf("%+v, %v", live, err)
	}
}

func TestReadError_ContainsNoSecret(t *testing.T) {
	c := answering(t, 400, nil, `{"message":"`+testSecret+` is wrong","code":"`+testID+`"}`)
	_, err := c.Refunds(t.Context(), orderNine)
	var e *refund.ReadError
	if !errors.As(err, &e) || e.Message != "[redacted] is wrong" || e.Code != "[redacted]" {
		t.Errorf("%+v", e)
	}
}
