package cashfree

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/money"
	"refundctl/internal/refund"
)

// answering returns a client that gets this answer to every request, without a network.
func answering(t testing.TB, status int, header map[string]string, body string) *Client {
	t.Helper()
	o := options("https://h/pg")
	o.Transport = transportFunc(func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		for k, v := range header {
			h.Set(k, v)
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
	})
	return newClient(t, o)
}

func TestCreate_SendsTheAPIsHeaders(t *testing.T) {
	ids := map[string]bool{}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for name, want := range map[string]string{
			"Accept": "application/json", "Accept-Encoding": "", "X-Api-Version": "2023-08-01", "User-Agent": "refundctl/9",
			"X-Client-Id": testID, "X-Client-Secret": testSecret,
			"X-Idempotency-Key": map[string]string{"POST": "key-1"}[r.Method],
			"Content-Type":      map[string]string{"POST": "application/json"}[r.Method],
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s %s: %q, want %q", r.Method, name, got, want)
			}
		}
		ids[r.Header.Get("X-Request-Id")] = true
		io.WriteString(w, "[]")
	})
	o := options(s.URL + "/pg")
	o.UserAgent, o.RequestID = "refundctl/9", nil
	c := newClient(t, o)
	c.Create(t.Context(), createOne, "key-1")
	c.Create(t.Context(), createOne, "key-1")
	if _, err := c.Payments(t.Context(), orderNine); err != nil {
		t.Error(err)
	}
	if len(ids) != 3 || ids[""] {
		t.Errorf("request ids %v, want 3 different ones", ids)
	}
}

func TestCreate_PartnerCredentials(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		h := r.Header
		if h.Get("X-Partner-Apikey") != "p-key" || h.Get("X-Partner-Merchantid") != "p-merchant" || len(h.Values("X-Client-Id")) != 0 {
			t.Error("the partner's headers are wrong")
		}
	})
	o := options(s.URL + "/pg")
	o.Credentials = Credentials{PartnerAPIKey: "p-key", PartnerMerchantID: "p-merchant"}
	newClient(t, o).Create(t.Context(), createOne, "k")
}

func TestCreate_ReportsTheFactsOfTheAnswer(t *testing.T) {
	live := &refund.Live{RefundID: "r_1", ParentID: "order_9", Status: refund.Pending, Amount: money.Amount{Minor: 100, Currency: money.INR}}
	for name, tc := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   refund.Answer
	}{
		"object":     {200, nil, created + "\n", refund.Answer{HTTP: 200, Live: live}},
		"one of one": {200, nil, "[" + created + "]", refund.Answer{HTTP: 200, Live: live}},
		"two":        {200, nil, "[" + created + "," + created + "]", refund.Answer{HTTP: 200, Cause: "answer has 2 rows instead of one"}},
		"none":       {200, nil, "[]", refund.Answer{HTTP: 200, Cause: "answer has 0 rows instead of one"}},
		"null":       {200, nil, "null", refund.Answer{HTTP: 200, Cause: "JSON that is not the API's: another service answered (answer is not an object)"}},
		"page":       {200, nil, "<html>", refund.Answer{HTTP: 200, Cause: htmlPage}},
		"empty":      {200, nil, "", refund.Answer{HTTP: 200, Cause: "an empty answer instead of JSON"}},
		"no id":      {200, nil, `{"refund_amount":1}`, refund.Answer{HTTP: 200, Cause: "no refund_id"}},
		"no amount":  {200, nil, `{"refund_id":"r_1"}`, refund.Answer{HTTP: 200, Cause: "no readable refund_amount"}},
		"auto, no id": {200, nil, `{"refund_amount":1,"refund_type":"PAYMENT_AUTO_REFUND"}`,
			refund.Answer{HTTP: 200, Cause: "no refund_id"}},
		"other 2xx":    {202, nil, created, refund.Answer{HTTP: 202}},
		"replayed":     {500, map[string]string{"x-idempotency-replayed": "TRUE"}, `{"code":"internal_error","type":"api_error","message":"internal Server Error"}`, refund.Answer{HTTP: 500, Replayed: true, Code: "internal_error", Type: "api_error", Message: "internal Server Error"}},
		"not replayed": {502, map[string]string{"x-idempotency-replayed": "false"}, "<html>", refund.Answer{HTTP: 502, Cause: htmlPage}},
		"refused": {400, nil, `{"message":"refund_amount : Invalid amount entered ","code":"refund_amount_invalid","type":"invalid_request_error","help":"long"}`,
			refund.Answer{HTTP: 400, Code: "refund_amount_invalid", Type: "invalid_request_error", Message: "refund_amount : Invalid amount entered"}},
		"page of 404": {404, nil, "<html>", refund.Answer{HTTP: 404, Ambiguous: true, Cause: htmlPage}},
		"empty 400":   {400, nil, "", refund.Answer{HTTP: 400, Ambiguous: true, Cause: "an empty answer instead of JSON"}},
		"page of 401": {401, nil, "<html>", refund.Answer{HTTP: 401, Ambiguous: true, Cause: htmlPage}},
		"secrets":     {401, nil, `{"message":"client ` + testID + `\u001b[31m sent ` + testSecret + `\u202e","code":"` + testSecret + `","type":"x"}`, refund.Answer{HTTP: 401, Code: "[redacted]", Type: "x", Message: "client [redacted] [31m sent [redacted]"}},
		"wait":        {429, map[string]string{"x-ratelimit-retry": "7", "Retry-After": "9"}, "{}", refund.Answer{HTTP: 429, Wait: 7 * time.Second}},
		"no wait":     {500, map[string]string{"x-ratelimit-retry": "7"}, "{}", refund.Answer{HTTP: 500}},
		"too much":    {200, nil, `"` + strings.Repeat("x", maxCreate), refund.Answer{Cause: "answer too large"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := answering(t, tc.status, tc.header, tc.body)
			got := c.Create(t.Context(), createOne, "k")
			if got.EndedAt.IsZero() {
				t.Error("no EndedAt")
			}
			got.EndedAt = time.Time{}
			if diff := compare(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if c.Reads() != 0 {
				t.Error("a create was counted as a read")
			}
		})
	}
}

func TestCleaner_CutsAfterRedacting(t *testing.T) {
	c := newCleaner(Credentials{ClientID: "abc", ClientSecret: "abcdef"})
	if got := c.text("abcdef abc \x00\u200bx"); got != "[redacted] [redacted]   x" {
		t.Errorf("%q", got)
	}
	got := c.text(strings.Repeat("é", maxText-4) + "abcdef")
	if n := len([]rune(got)); n != maxText || strings.Contains(got, "abc") {
		t.Errorf("%d characters: %q", n, got)
	}
}

func TestAdvisedWait_FirstUsableHeaderCounts(t *testing.T) {
	now := time.Date(2026, 5, 3, 10, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		header map[string]string
		want   time.Duration
	}{
		"none":         {nil, time.Minute},
		"retry":        {map[string]string{"x-ratelimit-retry": "12", "Retry-After": "3", "x-ratelimit-reset": "4"}, 12 * time.Second},
		"retry is 0":   {map[string]string{"x-ratelimit-retry": "0", "Retry-After": " 3 "}, 3 * time.Second},
		"date":         {map[string]string{"Retry-After": now.Add(5 * time.Second).Format(http.TimeFormat)}, 5 * time.Second},
		"date is past": {map[string]string{"Retry-After": now.Add(-time.Hour).Format(http.TimeFormat), "x-ratelimit-reset": "2"}, 2 * time.Second},
		"date is far":  {map[string]string{"Retry-After": now.Add(time.Hour).Format(http.TimeFormat)}, time.Minute},
		"capped":       {map[string]string{"x-ratelimit-retry": "86400"}, time.Minute},
		"huge":         {map[string]string{"x-ratelimit-retry": "9223372036854775807"}, time.Minute},
		"nonsense":     {map[string]string{"x-ratelimit-retry": "-5", "Retry-After": "soon", "x-ratelimit-reset": "1e3"}, time.Minute},
	} {
		h := http.Header{}
		for k, v := range tc.header {
			h.Set(k, v)
		}
		if got := advisedWait(h, now); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestCreate_NeverWaitsForTheLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := answering(t, 429, map[string]string{"x-ratelimit-retry": "50"}, "{}")
		start := time.Now()
		for range 20 {
			c.Create(t.Context(), createOne, "k")
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("waited %s", waited)
		}
		if err := c.Turn(t.Context()); err != nil || time.Since(start) != 50*time.Second {
			t.Errorf("the next turn came after %s (%v), not after the 50s of the header", time.Since(start), err)
		}
	})
}

// endless is the body of an answer that stalls.
type endless struct{ ctx context.Context }

func (b endless) Read([]byte) (int, error) {
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (endless) Close() error { return nil }

func TestCreate_TimesOutIfTheAnswerNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options("https://h/pg")
		o.Timeout = 7 * time.Second
		o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: 100, Body: endless{r.Context()}}, nil
		})
		begun := time.Now()
		a := newClient(t, o).Create(t.Context(), createOne, "k")
		if took := time.Since(begun); took != o.Timeout || a.HTTP != 0 || a.NotSent || !strings.Contains(a.Cause, "no answer within 7s") {
			t.Errorf("%+v after %s", a, took)
		}
	})
}
