package cashfree

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"refundctl/internal/refund"
)

const (
	subscriptionAnswer = `{"payment_id":"pay_77_03","cf_payment_id":"5114911","refund_id":"r_1","cf_refund_id":"ref_212","refund_amount":1.00,` +
		`"refund_note":"one month","refund_speed":"NORMAL","refund_status":"INITIALIZED"}`
	flowwiseAnswer = `{"payment_id":"pay_1","order_id":"order_9","refund_id":"r_1","refund_amount":1.00,"refund_status":"SUCCESS",` +
		`"refund_type":"MERCHANT_INITIATED","refund_note":"size exchange","refund_message":"Refund processed successfully.",` +
		`"gateway_details":{"refund_reference_id":"RFD434512345678901234","refund_utr":"REF434512345678"}}`
)

var (
	onSubscription = refund.Identity{Parent: refund.Parent{Kind: refund.Subscription, ID: "sub/77"}, RefundID: "r_1"}
	onPayment      = refund.Identity{Parent: refund.Parent{Kind: refund.Payment, ID: "pay_1"}, RefundID: "r_1"}
	onOrder        = refund.Identity{Parent: orderNine, RefundID: "r_1"}

	subscriptionLive = refund.Live{RefundID: "r_1", PaymentID: "pay_77_03", CfRefundID: "ref_212", CfPaymentID: "5114911", Amount: inr(100),
		Status: refund.Initialized, Note: "one month",
		Details: refund.Details{Speed: refund.Speed{Accepted: "NORMAL"}}}
	flowwiseLive = refund.Live{RefundID: "r_1", ParentID: "pay_1", CfRefundID: "RFD434512345678901234", Amount: inr(100), Status: refund.Success,
		Details: refund.Details{Description: "Refund processed successfully."}, Type: "MERCHANT_INITIATED", Note: "size exchange", ARN: "REF434512345678"}
)

// flowwiseOptions returns options for Flowwise.
func flowwiseOptions(base string) Options {
	o := options(base)
	o.API, o.APIVersion = Flowwise, ""
	return o
}

// createOf returns the request that creates a refund.
func createOf(t testing.TB, id refund.Identity) refund.Request {
	t.Helper()
	spec := refund.Spec{Kind: id.Kind, ParentID: id.ID, RefundID: id.RefundID, Amount: inr(100)}
	if id.Kind == refund.Subscription {
		spec.PaymentID = "pay_77_03"
	}
	request, err := spec.Request()
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestKinds_EachHasItsPathsAndItsFields(t *testing.T) {
	for name, tc := range map[string]struct {
		options func(string) Options
		id      refund.Identity
		answer  string
		want    refund.Live
		asked   []string
	}{
		"subscription": {options, onSubscription, subscriptionAnswer, subscriptionLive,
			[]string{"GET /pg/subscriptions/sub%2F77/refunds/r_1 ", `POST /pg/subscriptions/sub%2F77/refunds {"subscription_id":"sub/77","payment_id":"pay_77_03","refund_id":"r_1","refund_amount":1.00}`}},
		"payment": {flowwiseOptions, onPayment, flowwiseAnswer, flowwiseLive,
			[]string{"GET /pg/refunds/r_1 ", `POST /pg/payments/pay_1 {"refund_id":"r_1","refund_amount":1.00}`}},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				asked = append(asked, r.Method+" "+r.URL.EscapedPath()+" "+string(body))
				io.WriteString(w, tc.answer)
			})
			c := newClient(t, tc.options(s.URL+"/pg"))
			live, err := c.Refund(t.Context(), tc.id)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Create(t.Context(), createOf(t, tc.id), "key"); got.Live == nil || compare(refund.Answer{Live: &live}, refund.Answer{Live: got.Live}) != "" {
				t.Errorf("the create was read as %+v, the get as %+v", got.Live, live)
			}
			if diff := compare(refund.Answer{Live: &tc.want}, refund.Answer{Live: &live}); diff != "" {
				t.Error(diff)
			}
			if strings.Join(asked, "\n") != strings.Join(tc.asked, "\n") {
				t.Errorf("asked\n%s", strings.Join(asked, "\n"))
			}
		})
	}
}

func TestFlowwise_SendsNeitherVersionNorKey(t *testing.T) {
	n := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		for _, name := range []string{"X-Api-Version", "X-Idempotency-Key"} {
			if len(r.Header.Values(name)) > 0 {
				t.Errorf("%s has %s", r.Method, name)
			}
		}
		if r.Header.Get("X-Client-Id") != testID || r.Header.Get("X-Client-Secret") != testSecret {
			t.Error("the credentials are missing")
		}
		io.WriteString(w, flowwiseAnswer)
	})
	c := newClient(t, flowwiseOptions(s.URL+"/router"))
	c.Create(t.Context(), createOf(t, onPayment), "key")
	if _, err := c.Refund(t.Context(), onPayment); err != nil || n != 2 {
		t.Errorf("%d requests, %v", n, err)
	}
}

func TestFlowwise_AcceptsIDAndSecretOnly(t *testing.T) {
	for _, more := range []Credentials{{ClientID: "i", PartnerAPIKey: "k"}, {ClientID: "i", ClientSignature: "s"}, {PartnerMerchantID: "m", PartnerAPIKey: "k"}} {
		o := flowwiseOptions("https://h/router")
		o.Credentials = more
		if _, err := New(o); err == nil || !strings.HasSuffix(err.Error(), "exactly one of: CLIENT_ID + CLIENT_SECRET") {
			t.Errorf("%v", err)
		}
	}
	o := flowwiseOptions("https://h/router")
	o.APIVersion = "2023-08-01"
	if _, err := New(o); err == nil {
		t.Error("a version was accepted")
	}
	o.API = "other"
	if _, err := New(o); err == nil {
		t.Error("an unknown API was accepted")
	}
}

func TestKinds_AnUnsupportedKindIsNeitherSentNorRead(t *testing.T) {
	const sub2023 = "refunds of kind subscription need API version 2023-08-01 or newer, not "
	for _, tc := range []struct {
		api     API
		version string
		id      refund.Identity
		why     string
	}{
		{Cashfree, "2022-01-01", onSubscription, sub2023 + "2022-01-01"},
		{Cashfree, "2022-09-01", onSubscription, sub2023 + "2022-09-01"},
		{Cashfree, "2026-01-01", onPayment, `this API has no refunds of kind "payment"`},
		{Flowwise, "", onSubscription, `this API has no refunds of kind "subscription"`},
		{Flowwise, "", onOrder, `this API has no refunds of kind "order"`},
	} {
		var requests atomic.Int64
		o := options("https://h/pg")
		o.API, o.APIVersion = tc.api, tc.version
		o.Transport = transportFunc(func(*http.Request) (*http.Response, error) { requests.Add(1); return nil, io.EOF })
		c := newClient(t, o)
		if a := c.Create(t.Context(), createOf(t, tc.id), "k"); !a.NotSent || a.Cause != tc.why {
			t.Errorf("%s %s: %+v", tc.api, tc.version, a)
		}
		if _, err := c.Refund(t.Context(), tc.id); refund.ReadClassOf(err) != refund.Refusal || !strings.Contains(err.Error(), tc.why) {
			t.Errorf("%s %s: %v", tc.api, tc.version, err)
		}
		if requests.Load() != 0 {
			t.Errorf("%d requests", requests.Load())
		}
	}
}

// For kinds without a list, a 404 is the only proof that a refund is absent, and after two of them it
// is sent again.
func TestRefund_A404MeansAbsentOnlyIfItNamesTheRefund(t *testing.T) {
	for _, tc := range []struct {
		id    refund.Identity
		body  string
		class refund.ReadClass
	}{
		{onOrder, `{"message":"Refund does not exist","code":"refund_get_not_found"}`, refund.NotFound},
		{onOrder, `{"message":"Order Reference Id does not exist","code":"order_not_found"}`, refund.NoParent},
		{onSubscription, `{"message":"Refund does not exist","code":"refund_get_not_found"}`, refund.NotFound},
		{onSubscription, `{"message":"refund with this id does not exist","code":"request_failed"}`, refund.NotFound},
		{onSubscription, `{"message":"Subscription does not exist","code":"subscription_not_found"}`, refund.NoParent},
		{onSubscription, `{"message":"Subscription does not exist","code":""}`, refund.NoParent},
		{onSubscription, `{"message":"no Route matched with those values"}`, refund.Unreadable},
		{onSubscription, `{"message":"No static resource refunds/r_1."}`, refund.Unreadable},
		{onSubscription, `{}`, refund.Unreadable},
		{onPayment, `{"message":" payment refund not found","code":"refund_not_found"}`, refund.NotFound},
		{onPayment, `{"message":"Payment not found or not eligible for refund","code":"payment_not_found"}`, refund.NoParent},
		{onPayment, `{"message":"Resource not found","code":"url_not_found"}`, refund.Unreadable},
	} {
		o := options("https://h/pg")
		if tc.id.Kind == refund.Payment {
			o = flowwiseOptions("https://h/router")
		}
		o.Transport = transportFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 404, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(tc.body)), ContentLength: -1}, nil
		})
		if _, err := newClient(t, o).Refund(t.Context(), tc.id); refund.ReadClassOf(err) != tc.class {
			t.Errorf("%s %s: %v, not %s", tc.id.Kind, tc.body, err, tc.class)
		}
	}
}

var cancelOne = refund.Request{Method: "PUT", Path: "/orders/order_9/refunds/r_1", Body: []byte(`{"refund_status":"CANCELLED"}`)}

func TestCancel_IsOnePUTWithoutAKey(t *testing.T) {
	for _, version := range Versions {
		var asked []string
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			asked = append(asked, r.Method+" "+r.URL.Path+" "+string(body)+r.Header.Get("X-Idempotency-Key"))
			io.WriteString(w, strings.Replace(created, "PENDING", "CANCELLED", 1))
		})
		o := options(s.URL + "/pg")
		o.APIVersion = version
		a := newClient(t, o).Cancel(t.Context(), cancelOne)
		if version < "2025" {
			if !a.NotSent || len(asked) != 0 || a.Cause != "cancelling needs API version 2025-01-01 or newer, not "+version {
				t.Errorf("%s: %+v after %q", version, a, asked)
			}
			continue
		}
		if a.HTTP != 200 || a.Live == nil || a.Live.Status != refund.Cancelled || a.Live.ParentID != "order_9" {
			t.Errorf("%s: %+v", version, a)
		}
		if len(asked) != 1 || asked[0] != `PUT /pg/orders/order_9/refunds/r_1 {"refund_status":"CANCELLED"}` {
			t.Errorf("%s: asked %q", version, asked)
		}
	}
}

func TestR17_ACancelIsOneRequestOnReusedConnections(t *testing.T) {
	for name, script := range map[string]func(*net.TCPConn, int) bool{"reset": resetLater, "close": dropLater} {
		s := serveRaw(t, script)
		o := options(s.base())
		o.APIVersion = "2026-01-01"
		c := newClient(t, o)
		first, second := c.Cancel(t.Context(), cancelOne), c.Cancel(t.Context(), cancelOne)
		if first.HTTP != 200 || second.HTTP != 0 || second.NotSent || s.requests.Load() != 2 {
			t.Errorf("%s: %d requests, %+v", name, s.requests.Load(), second)
		}
	}
}

func TestCancel_SendsNothingElse(t *testing.T) {
	o := options("https://h/pg")
	o.APIVersion = "2026-01-01"
	o.Transport = transportFunc(func(r *http.Request) (*http.Response, error) { t.Errorf("sent %s", r.URL); return nil, io.EOF })
	c := newClient(t, o)
	for _, r := range []refund.Request{
		{}, createOne, {Method: "PUT", Path: cancelOne.Path}, {Method: "PUT", Path: "/orders/order_9/refunds", Body: cancelOne.Body},
		{Method: "PUT", Path: "/subscriptions/s/refunds/r", Body: cancelOne.Body}, {Method: "PUT", Path: "/orders/../refunds/r", Body: cancelOne.Body},
	} {
		if a := c.Cancel(t.Context(), r); !a.NotSent || a.Cause == "" {
			t.Errorf("%+v: %+v", r, a)
		}
	}
	if a := c.Create(t.Context(), cancelOne, "k"); !a.NotSent {
		t.Errorf("a cancel went out as a create: %+v", a)
	}
}
