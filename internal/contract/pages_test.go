package contract

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// example is a request that a page shows, with the fields and JSON types of the answer that it prints.
type example struct {
	page         string
	version      string // x-api-version; empty means no such header
	method, path string
	body         string
	world        string
	fields       string // name:type, separated by spaces; nested fields after a dot
}

// The worlds of the emulator: without refunds, or with a paid refund.
const (
	unrefunded = `
orders: [{order_id: k0v-vK1jv34, order_amount: 100}, {order_id: your-order-id, order_amount: 100}]
subscriptions: [{subscription_id: sub_77, payments: [{payment_id: pay_77_03, payment_amount: 299}]}]
payments: [{payment_id: pay_summer_fashion_001_upi, order_id: order_summer_fashion_001, payment_amount: 2299.50}]
`
	refunded = `
orders: [{order_id: k0v-vK1jv34, order_amount: 100}]
refunds:
  - {order_id: k0v-vK1jv34, refund_id: refund_009126, refund_amount: 1, refund_note: a note, refund_arn: "6438723048736130406146"}
`
)

// The fields of an order's refund that all answers of the old versions share.
const orderFields = `cf_payment_id:number cf_refund_id:string created_at:string entity:string metadata:null order_id:string
	refund_amount:number refund_charge:number refund_currency:string refund_id:string refund_mode:string refund_note:string
	refund_splits:array refund_status:string refund_type:string status_description:string`

const flowFields = `answer:object payment_id:string order_id:string refund_id:string refund_amount:number refund_status:string refund_type:string refund_note:string
	refund_message:string gateway_details:object gateway_details.refund_reference_id:string gateway_details.refund_utr:string`

const flowBody = `{"refund_id":"refund_summer_fashion_001_size_issue","refund_amount":1149.75,"refund_type":"MERCHANT_INITIATED","refund_note":"size exchange"}`

var examples = []example{
	{"refund-guide-2022-01-01.txt", "2022-01-01", "POST", "/pg/orders/k0v-vK1jv34/refunds",
		`{"refund_amount":1,"refund_id":"refund_009126","refund_note":"changed mind"}`, unrefunded, "answer:object processed_at:null refund_arn:null " + orderFields},
	{"refund-guide-2022-01-01.txt", "2022-01-01", "GET", "/pg/orders/k0v-vK1jv34/refunds", "", refunded, "answer:array processed_at:string refund_arn:string " + orderFields},
	{"refund-guide-2022-01-01.txt", "2022-01-01", "GET", "/pg/orders/k0v-vK1jv34/refunds/refund_009126", "", refunded,
		"answer:object processed_at:string refund_arn:string " + orderFields},
	{"create-refund-2022-09-01.md", "2022-09-01", "POST", "/pg/orders/your-order-id/refunds",
		`{"refund_amount":1,"refund_id":"refund_00912","refund_note":"changed mind","refund_speed":"STANDARD","refund_splits":[{"vendor_id":"Vendor01","amount":0.5}]}`,
		unrefunded, orderFields + ` answer:object processed_at:null refund_arn:null refund_splits.vendor_id:string refund_splits.amount:number refund_speed:object
			refund_speed.requested:string refund_speed.accepted:string refund_speed.processed:null refund_speed.message:null`},
	{"subscription-refund-2023-08-01.txt", "2023-08-01", "POST", "/pg/subscriptions/sub_77/refunds",
		`{"subscription_id":"sub_77","payment_id":"pay_77_03","refund_id":"refund_77","refund_amount":1,"refund_note":"one month","refund_speed":"STANDARD"}`, unrefunded,
		`answer:object payment_id:string cf_payment_id:string refund_id:string cf_refund_id:string refund_amount:number refund_note:string refund_speed:string refund_status:string`},
	{"flowwise-create-refund-page.txt", "", "POST", "/router/payments/pay_summer_fashion_001_upi", flowBody, unrefunded, flowFields},
	{"flowwise-create-refund.md", "", "POST", "/router/payments/pay_summer_fashion_001_upi",
		strings.Replace(flowBody, "_issue", "_again", 1), unrefunded, flowFields},
}

// TestPages_ExamplesAreAnsweredAsPrinted sends the examples to refundctl sandbox.
func TestPages_ExamplesAreAnsweredAsPrinted(t *testing.T) {
	servers := map[string]string{unrefunded: serve(t, unrefunded), refunded: serve(t, refunded)}
	for _, e := range examples {
		t.Run(e.page+" "+e.method+" "+e.path, func(t *testing.T) {
			status, body := e.send(t, servers[e.world])
			if status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			if diff := gocmp.Diff(fieldList(e.fields), typesOf(t, body)); diff != "" {
				t.Errorf("the answer does not have the shape that the page prints (-page +answer):\n%s", diff)
			}
		})
	}
}

// serve starts refundctl sandbox for the duration of the test and returns its address.
func serve(t *testing.T, world string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "world.yaml")
	if err := os.WriteFile(file, []byte("version: 1"+world), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("refundctl", "sandbox", "--orders", file, "--settle-after", "0s", "--arn-after", "0s")
	c.Env = []string{"CASHFREE_CLIENT_ID=" + known.ClientID, "CASHFREE_CLIENT_SECRET=" + known.ClientSecret}
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, _ := bufio.NewReader(out).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !found {
		t.Fatalf("the first line of refundctl sandbox is %q\n%s", line, &complaints)
	}
	return address
}

func (e example) send(t *testing.T, address string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), e.method, address+e.path, strings.NewReader(e.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range e.headers() {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

// headers are the headers that the pages name, with the emulator's credentials.
func (e example) headers() map[string]string {
	h := map[string]string{"content-type": "application/json", "x-client-id": known.ClientID, "x-client-secret": known.ClientSecret}
	if e.version != "" {
		h["x-api-version"] = e.version
	}
	return h
}

func fieldList(fields string) []string { return slices.Sorted(slices.Values(strings.Fields(fields))) }

// typesOf returns the fields of an answer with their JSON types. The rows of a list count as one.
func typesOf(t *testing.T, body []byte) []string {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	found := map[string]bool{}
	walk("", value, found)
	return slices.Sorted(maps.Keys(found))
}

func walk(name string, value any, found map[string]bool) {
	kind := map[string]string{"<nil>": "null", "string": "string", "bool": "boolean", "float64": "number", "[]interface {}": "array",
		"map[string]interface {}": "object"}[fmt.Sprintf("%T", value)]
	found[cmp.Or(name, "answer")+":"+kind] = true
	switch v := value.(type) {
	case map[string]any:
		for field, inner := range v {
			walk(strings.TrimPrefix(name+"."+field, "."), inner, found)
		}
	case []any:
		for _, row := range v {
			if fields, is := row.(map[string]any); is {
				for field, inner := range fields {
					walk(strings.TrimPrefix(name+"."+field, "."), inner, found)
				}
			}
		}
	}
}
