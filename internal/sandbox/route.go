package sandbox

import (
	"net/url"
	"strings"
)

// Endpoint identifies one operation of the emulated APIs in Server.Requests.
type Endpoint string

// The endpoints. Unknown is for requests to anything else.
const (
	CreateRefund             Endpoint = "create_refund"
	ListRefunds              Endpoint = "list_refunds"
	GetRefund                Endpoint = "get_refund"
	CancelRefund             Endpoint = "cancel_refund"
	GetOrder                 Endpoint = "get_order"
	ListPayments             Endpoint = "list_payments"
	CreateSubscriptionRefund Endpoint = "create_subscription_refund"
	GetSubscriptionRefund    Endpoint = "get_subscription_refund"
	ListSubscriptionPayments Endpoint = "list_subscription_payments"
	CreatePaymentRefund      Endpoint = "create_payment_refund"
	GetPaymentRefund         Endpoint = "get_payment_refund"
	GetRouterOrder           Endpoint = "get_router_order"
	ListRouterPayments       Endpoint = "list_router_payments"
	Unknown                  Endpoint = "unknown"
)

// effect is what a route does, as far as faults need to know.
type effect int

const (
	other       effect = iota
	creates            // creates a refund
	readsRefund        // shows refunds
	cancels            // cancels a refund
)

// route is one operation of an API. In its path, {} matches one segment.
type route struct {
	endpoint Endpoint
	method   string
	path     string
	class    class
	effect   effect
	since    string // the first version that has it; empty for all
	handle   func(*Server, *call) (answer, event)
}

var routes = []route{
	{CreateRefund, "POST", "/pg/orders/{}/refunds", createClass, creates, "", (*Server).createRefund},
	{ListRefunds, "GET", "/pg/orders/{}/refunds", refundClass, readsRefund, "", (*Server).listRefunds},
	{GetRefund, "GET", "/pg/orders/{}/refunds/{}", refundClass, readsRefund, "", (*Server).getRefund},
	{CancelRefund, "PUT", "/pg/orders/{}/refunds/{}", createClass, cancels, "2025-01-01", (*Server).cancelRefund},
	{GetOrder, "GET", "/pg/orders/{}", orderClass, other, "", (*Server).getOrder},
	{ListPayments, "GET", "/pg/orders/{}/payments", paymentsClass, other, "", (*Server).listPayments},
	{CreateSubscriptionRefund, "POST", "/pg/subscriptions/{}/refunds", createClass, creates, "2023-08-01", (*Server).createSubscriptionRefund},
	{GetSubscriptionRefund, "GET", "/pg/subscriptions/{}/refunds/{}", refundClass, readsRefund, "2023-08-01", (*Server).getSubscriptionRefund},
	{ListSubscriptionPayments, "GET", "/pg/subscriptions/{}/payments", paymentsClass, other, "2023-08-01", (*Server).listSubscriptionPayments},
	{CreatePaymentRefund, "POST", "/router/payments/{}", createClass, creates, "", (*Server).createPaymentRefund},
	{GetPaymentRefund, "GET", "/router/refunds/{}", refundClass, readsRefund, "", (*Server).getPaymentRefund},
	{GetRouterOrder, "GET", "/router/orders/{}", orderClass, other, "", (*Server).getFlowwiseOrder},
	{ListRouterPayments, "GET", "/router/orders/{}/payments", paymentsClass, other, "", (*Server).listFlowwisePayments},
}

// movedPrefix is where the redirect fault points. The same API is below it, so that a client that follows the redirect
// does move money.
const movedPrefix = "/moved"

// find returns the route of an escaped path, and the ids in it; nil for a bad URL.
func find(method, escaped string) (*route, []string) {
	segments := strings.Split(escaped, "/")
	for i := range routes {
		if routes[i].method != method {
			continue
		}
		if ids, ok := match(routes[i].path, segments); ok {
			return &routes[i], ids
		}
	}
	return nil, nil
}

func match(pattern string, segments []string) (ids []string, ok bool) {
	rest := pattern
	for i, segment := range segments {
		var want string
		want, rest, ok = strings.Cut(rest, "/")
		switch {
		case ok == (i == len(segments)-1):
			return nil, false // one of the two is longer
		case want == "{}":
			id, err := url.PathUnescape(segment)
			if err != nil {
				return nil, false
			}
			ids = append(ids, id)
		case want != segment:
			return nil, false
		}
	}
	return ids, true
}
