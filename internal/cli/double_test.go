package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// double is a second model of the APIs, written from their documentation and sharing nothing with the emulator: it
// shows what emulator and client both misread. It counts the money of executed requests.
type double struct {
	ids   bool          // a refund_id is accepted once; otherwise every POST that arrives is paid
	late  time.Duration // the delay of late requests; 0: none are late
	lag   time.Duration // reads do not show younger refunds
	chaos int           // the percentage of requests that fail

	mu    sync.Mutex
	draw  *rand.Rand
	paid  map[string][]payout // by API and refund_id
	posts map[string]int      // arrived, by API and refund_id
	puts  int
	ill   map[string]int // what went wrong, by name
	put   string         // what happens to the next PUT
	under sync.WaitGroup // requests that arrive late
}

// payout is money that moved.
type payout struct {
	parent string
	amount string
	at     time.Time
	status string
}

func newDouble(seed uint64) *double {
	return &double{draw: rand.New(rand.NewPCG(seed, 7)), paid: map[string][]payout{}, posts: map[string]int{}, ill: map[string]int{}}
}

func (d *double) serve(t interface{ Cleanup(func()) }) string {
	s := httptest.NewServer(d)
	t.Cleanup(s.Close)
	return s.URL
}

// ServeHTTP answers one request, or drops it.
func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var status int
	var answer string
	switch {
	case r.Method == http.MethodPost:
		status, answer = d.post(path, body)
	case r.Method == http.MethodPut:
		status, answer = d.cancel(path)
	default:
		status, answer = d.get(path)
	}
	switch {
	case status == 0:
		panic(http.ErrAbortHandler)
	case status == cutOff:
		w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
		_, _ = io.WriteString(w, answer[:len(answer)/2])
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// cutOff is the status for a truncated 200.
const cutOff = -1

// wrong draws a fault, usually none.
func (d *double) wrong(kinds ...string) string {
	if d.draw.IntN(100) >= d.chaos {
		return ""
	}
	kind := kinds[d.draw.IntN(len(kinds))]
	d.ill[kind]++
	return kind
}

func (d *double) post(path []string, body []byte) (int, string) {
	var want struct {
		RefundID string      `json:"refund_id"`
		Amount   json.Number `json:"refund_amount"`
		Type     string      `json:"refund_type"`
		SubID    string      `json:"subscription_id"`
	}
	if json.Unmarshal(body, &want) != nil || path[0] == "router" && want.Type == "" || path[1] == "subscriptions" && want.SubID != path[2] {
		return 400, `{"message":"body is not valid","code":"request_invalid","type":"invalid_request_error"}`
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	id, parent := path[0]+" "+want.RefundID, path[2]
	d.posts[id]++
	kinds := []string{"lost before", "lost after", "500 before", "500 after", "html after", "cut off"}
	if d.late > 0 {
		kinds = append(kinds, "late", "late")
	}
	ill := d.wrong(kinds...)
	switch ill {
	case "lost before":
		return 0, ""
	case "500 before":
		return 500, `{"message":"Refund processing failed due to server error","code":"refund_failed","type":"server_error"}`
	case "late":
		d.under.Add(1)
		time.AfterFunc(d.late, func() {
			defer d.under.Done()
			d.mu.Lock()
			defer d.mu.Unlock()
			_, _ = d.execute(id, parent, want.Amount.String())
		})
		return 0, ""
	}
	if refused, answer := d.execute(id, parent, want.Amount.String()); refused != 0 {
		return refused, answer
	}
	answer := d.shown(id)
	switch ill {
	case "lost after":
		return 0, ""
	case "500 after":
		return 500, `{"message":"internal Server Error","code":"internal_error","type":"api_error"}`
	case "html after":
		return 502, "<html>Bad Gateway</html>"
	case "cut off":
		return cutOff, answer
	}
	return 200, answer
}

// execute moves the money. The caller holds mu.
func (d *double) execute(id, parent, amount string) (int, string) {
	if d.ids && len(d.paid[id]) > 0 {
		return 400, `{"message":"Refund Entity already exists for the provided refund_id","code":"refund_id_already_exists","type":"validation_error"}`
	}
	for other, paid := range d.paid {
		if strings.HasPrefix(id, "router ") && other != id && paid[0].parent == parent && time.Since(paid[0].at) < d.lag*2 {
			return 400, `{"message":"One refund request is already being processed","code":"refund_invalid","type":"validation_error"}`
		}
	}
	d.paid[id] = append(d.paid[id], payout{parent, amount, time.Now(), "PENDING"})
	return 0, ""
}

// shown returns a refund as its API prints it. The caller holds mu.
func (d *double) shown(id string) string {
	api, refundID, _ := strings.Cut(id, " ")
	p := d.paid[id][0]
	switch {
	case api == "router":
		return fmt.Sprintf(`{"payment_id":%q,"order_id ":"o","refund_id":%q,"refund_amount":%s,"refund_status":"PENDING","refund_type":"MERCHANT_INITIATED","gateway_details":{"refund_reference_id":"RFD1","refund_utr":null}}`, p.parent, refundID, p.amount)
	case strings.HasPrefix(p.parent, "sub"):
		return fmt.Sprintf(`{"payment_id":"pay_%s","cf_payment_id":"9","refund_id":%q,"cf_refund_id":"ref_1","refund_amount":%s,"refund_speed":"NORMAL","refund_status":"INITIALIZED"}`, p.parent, refundID, p.amount)
	}
	return fmt.Sprintf(`{"cf_payment_id":"1","cf_refund_id":"9","order_id":%q,"refund_id":%q,"entity":"refund","refund_amount":%s,"refund_currency":"INR","refund_status":%q,"refund_type":"MERCHANT_INITIATED"}`, p.parent, refundID, p.amount, p.status)
}

func (d *double) get(path []string) (int, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch d.wrong("read dropped", "read 500", "read html") {
	case "read dropped":
		return 0, ""
	case "read 500":
		return 500, `{"message":"internal Server Error","code":"internal_error","type":"api_error"}`
	case "read html":
		return 404, "<html>Not Found</html>"
	}
	last := path[len(path)-1]
	switch {
	case last == "payments":
		return 200, `[{"cf_payment_id":"1","payment_status":"SUCCESS","is_captured":true,"payment_amount":1000,"payment_currency":"INR","payment_completion_time":"` + time.Now().Add(-time.Hour).Format(time.RFC3339) + `"}]`
	case last == "refunds":
		return 200, "[" + strings.Join(d.listed(path[2]), ",") + "]"
	}
	id := path[0] + " " + last
	if p := d.paid[id]; len(p) == 0 || time.Since(p[0].at) < d.lag {
		return 404, `{"message":" payment refund not found","code":"refund_not_found","type":"resource_error"}`
	}
	return 200, d.shown(id)
}

func (d *double) listed(order string) (rows []string) {
	for id, p := range d.paid {
		if p[0].parent == order && time.Since(p[0].at) >= d.lag {
			rows = append(rows, d.shown(id))
		}
	}
	return rows
}

// cancel is PUT /pg/orders/{order}/refunds/{refund}: put decides its outcome.
func (d *double) cancel(path []string) (int, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.puts++
	id := path[0] + " " + path[4]
	if d.put != "lost before" && d.put != "busy" {
		d.paid[id][0].status = "CANCELLED"
	}
	switch d.put {
	case "lost before", "lost after":
		return 0, ""
	case "busy":
		return 409, `{"message":"One refund request is already being processed","code":"refund_post_failed","type":"invalid_request_error"}`
	case "other":
		return 200, strings.Replace(d.shown(id), path[4], "another_refund", 1)
	}
	return 200, d.shown(id)
}

// books returns what is wrong with the money: every desired refund must be paid once, with its amount.
func (d *double) books(desired map[string]string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var wrong bytes.Buffer
	for id, amount := range desired {
		if p := d.paid[id]; len(p) != 1 || strings.TrimSuffix(p[0].amount, ".00") != amount {
			fmt.Fprintf(&wrong, "%s: desired %s once, paid %d times %v\n", id, amount, len(p), p)
		}
	}
	if len(d.paid) != len(desired) {
		fmt.Fprintf(&wrong, "%d refunds paid, %d desired\n", len(d.paid), len(desired))
	}
	return wrong.String()
}
