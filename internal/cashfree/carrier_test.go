package cashfree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"refundctl/internal/refund"
)

// writes are the two calls that change something.
var writes = map[string]func(*Client, context.Context) refund.Answer{
	"create": func(c *Client, ctx context.Context) refund.Answer { return c.Create(ctx, createOne, "key-1") },
	"cancel": func(c *Client, ctx context.Context) refund.Answer { return c.Cancel(ctx, cancelOne) },
}

func optionsThatCancel(base string) Options {
	o := options(base)
	o.APIVersion = CancelSince
	return o
}

func TestR17_ACreateOrCancelIsNeverRetried(t *testing.T) {
	for name, answer := range map[string]func(*http.Request) (*http.Response, error){
		"429":        answers(429, `{}`),
		"500":        answers(500, `{"code":"internal_error"}`),
		"503":        answers(503, "<html>"),
		"404 page":   answers(404, "<html>"),
		"page":       answers(200, "<html>"),
		"other 2xx":  answers(204, ""),
		"no network": func(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset by peer") },
		"hung up":    func(*http.Request) (*http.Response, error) { return nil, io.EOF },
		"timeout": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
	} {
		for call, write := range writes {
			t.Run(call+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					requests := 0
					o := optionsThatCancel("https://h/pg")
					o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) { requests++; return answer(r) })
					if write(newClient(t, o), t.Context()); requests != 1 {
						t.Errorf("%d requests for one try", requests)
					}
				})
			})
		}
	}
}

func answers(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
	}
}

// With a GetBody, net/http would send the request again on another connection. Without one, and with
// a body that can be read only once, no layer can send it again.
func TestR17_TheBodyOfACreateOrCancelCannotBeReplayed(t *testing.T) {
	for call, write := range writes {
		o := optionsThatCancel("https://h/pg")
		o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
			if r.GetBody != nil {
				t.Errorf("%s: the request has a GetBody", call)
			}
			if n, _ := io.Copy(io.Discard, r.Body); n == 0 || n != r.ContentLength {
				t.Errorf("%s: %d bytes with Content-Length %d", call, n, r.ContentLength)
			}
			return answers(503, "")(r)
		})
		c := newClient(t, o)
		c.http.CheckRetry = func(context.Context, *http.Response, error) (bool, error) { return true, nil }
		again := 0
		c.http.RequestLogHook = func(_ retryablehttp.Logger, r *http.Request, n int) {
			if again = n; n > 0 {
				if left, _ := io.Copy(io.Discard, r.Body); left != 0 {
					t.Errorf("%s: try %d would send %d bytes again", call, n+1, left)
				}
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1 // for the transport above
			}
		}
		if write(c, t.Context()); again == 0 {
			t.Errorf("%s: there was no second try, so the test proves nothing", call)
		}
	}
}

func TestR17_NoKindOfRedirectIsFollowed(t *testing.T) {
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		for _, location := range []string{"https://elsewhere/pg/x", "/pg/orders/order_9/refunds/", "%zz", ""} {
			requests := 0
			o := optionsThatCancel("https://h/pg")
			o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
				requests++
				resp, err := answers(status, `{"code":"moved","message":"elsewhere"}`)(r)
				if location != "" {
					resp.Header.Set("Location", location)
				}
				return resp, err
			})
			c := newClient(t, o)
			for call, write := range writes {
				if a := write(c, t.Context()); a.HTTP != status || a.NotSent || a.Code != "moved" {
					t.Errorf("%s: %d to %q gives %+v", call, status, location, a)
				}
			}
			_, err := c.Refunds(t.Context(), orderNine)
			var e *refund.ReadError
			if !errors.As(err, &e) || e.HTTP != status || e.Class != refund.Unreachable || e.Code != "moved" {
				t.Errorf("read: %d to %q gives %v", status, location, err)
			}
			if requests != 3 {
				t.Errorf("%d to %q: %d requests for 3 calls", status, location, requests)
			}
		}
	}
}

func TestReads_TheLastAnswerKeepsItsBody(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			o := options("https://h/pg")
			o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
				requests++
				return answers(status, fmt.Sprintf(`{"code":"code_%d","message":"message %d"}`, requests, requests))(r)
			})
			_, err := newClient(t, o).Refunds(t.Context(), orderNine)
			var e *refund.ReadError
			if !errors.As(err, &e) || e.HTTP != status || e.Code != "code_4" || e.Message != "message 4" {
				t.Errorf("%d: %v", status, err)
			}
		})
	}
}

func TestBackoff_NeverExceedsTheCap(t *testing.T) {
	now := time.Date(2026, 5, 3, 10, 0, 0, 0, time.UTC)
	c := answering(t, 200, nil, "[]")
	c.clock = func() time.Time { return now }
	c.jitter = func(most time.Duration) time.Duration { return most }
	random := rand.New(rand.NewPCG(1, 2))
	values := []string{"", "0", "1", "59", "60", "61", "86400", "9223372036854775807", "-1", "1e9", "soon",
		now.Add(time.Hour).Format(http.TimeFormat), now.Add(-time.Hour).Format(http.TimeFormat)}
	for range 20_000 {
		resp := &http.Response{StatusCode: []int{200, 404, 429, 500, 503}[random.IntN(5)], Header: http.Header{}}
		for _, name := range []string{"X-Ratelimit-Retry", "Retry-After", "X-Ratelimit-Reset"} {
			resp.Header.Set(name, values[random.IntN(len(values))])
		}
		retries := random.IntN(12)
		if wait := c.backoff(firstPause, longestWait, retries, resp); wait < 0 || wait > longestWait+longestWait/10 {
			t.Fatalf("%s before retry %d after %v", wait, retries+1, resp.Header)
		}
	}
	if wait := c.backoff(firstPause, longestWait, 11, nil); wait > longestWait {
		t.Errorf("%s after an error", wait)
	}
}

// After a 429 the limiter waits, not the backoff.
func TestBackoff_FollowsTheHeadersInTheirOrder(t *testing.T) {
	c := answering(t, 200, nil, "[]")
	for _, tc := range []struct {
		status              int
		retry, after, reset string
		want                time.Duration
	}{
		{503, "7", "8", "9", 7 * time.Second},
		{503, "0", "8", "9", 8 * time.Second},
		{503, "", "", "9", 9 * time.Second},
		{500, "86400", "", "", time.Minute},
		{500, "", "", "", 0},
		{429, "7", "8", "9", 0},
	} {
		h := http.Header{}
		h.Set("X-Ratelimit-Retry", tc.retry)
		h.Set("Retry-After", tc.after)
		h.Set("X-Ratelimit-Reset", tc.reset)
		if got := c.backoff(firstPause, longestWait, 0, &http.Response{StatusCode: tc.status, Header: h}); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

// retryablehttp closes idle connections after a failure. Other calls use them.
func TestReads_AFailureKeepsTheConnections(t *testing.T) {
	var opened atomic.Int64
	s := serveRaw(t, func(conn *net.TCPConn, n int) bool {
		if n == 1 {
			opened.Add(1)
		}
		return answer(conn, "null")
	})
	c := newClient(t, options(s.base()))
	for range 5 {
		if _, err := c.Refunds(t.Context(), orderNine); refund.ReadClassOf(err) != refund.Unreachable {
			t.Errorf("%v", err)
		}
	}
	if opened.Load() != 1 {
		t.Errorf("%d connections for five reads, one after another", opened.Load())
	}
}
