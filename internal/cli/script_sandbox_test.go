package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// The files that a script gets unless it has its own.
const (
	usualConfig = `version: 1
request_timeout: 1m
recovery: {read_delay: 20ms, settle_after: 1h}
accounts:
  default: {api: cashfree, environment: sandbox, base_url: "$URL/pg"}
`
	usualOrders = `version: 1
orders:
  - {order_id: order_1, order_amount: 1000.00}
  - {order_id: order_2, order_amount: 1000.00}
  - {order_id: order_3, order_amount: 1000.00}
  - {order_id: order_unpaid, order_amount: 100.00, order_status: ACTIVE}
`
)

// cmdSandbox starts refundctl sandbox with these flags, as a process that ends with the script, and the wire in front
// of it. Refunds stay PENDING unless a flag says otherwise. It sets $URL to the wire, and writes refundctl.yaml and
// orders.yaml if the script has none; in both, it replaces $NAMEs.
func cmdSandbox(ts *testscript.TestScript, neg bool, args []string) {
	m := memoryOf(ts)
	if neg || m.api != "" {
		ts.Fatalf("usage: sandbox FLAGS..., once")
	}
	usual(ts, "orders.yaml", usualOrders)
	cmdSubst(ts, false, []string{"orders.yaml"})
	m.api = serveSandbox(ts, append([]string{"sandbox", "--listen", "127.0.0.1:0", "--orders", ts.MkAbs("orders.yaml"), "--settle-after", "24h"}, args...))
	m.wire = newWire(ts, m.api)
	ts.Setenv("URL", m.wire.server.URL)
	usual(ts, "refundctl.yaml", usualConfig)
	cmdSubst(ts, false, []string{"refundctl.yaml"})
}

func usual(ts *testscript.TestScript, name, text string) {
	if _, err := os.Stat(ts.MkAbs(name)); err != nil {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// serveSandbox returns the address in the emulator's first line.
func serveSandbox(ts *testscript.TestScript, args []string) string {
	c := exec.Command("refundctl", args...)
	c.Env = []string{"CASHFREE_CLIENT_ID=" + clientID, "CASHFREE_CLIENT_SECRET=" + secret, "CASHFREE_PARTNER_API_KEY=" + partnerKey,
		"CASHFREE_PARTNER_MERCHANT_ID=" + partnerMerchant, "CASHFREE_CLIENT_SIGNATURE=" + signature,
		"FLOWWISE_CLIENT_ID=" + flowwiseID, "FLOWWISE_CLIENT_SECRET=" + flowwiseSecret, "GORACE=atexit_sleep_ms=0"}
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	ts.Defer(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !found {
		_ = c.Process.Kill()
		_ = c.Wait()
		ts.Fatalf("the first line of refundctl sandbox is %q\n%s", line, complaints.String())
	}
	return address
}

// cmdRefunds checks that the emulator has exactly these refunds of an order: ID=AMOUNT.... It bypasses the wire.
func cmdRefunds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: refunds ORDER [ID=AMOUNT...]")
	}
	resp := askBehind(ts, "GET", args[0], "")
	defer resp.Body.Close()
	var list []struct {
		RefundID string      `json:"refund_id"`
		Amount   json.Number `json:"refund_amount"`
	}
	ts.Check(json.NewDecoder(resp.Body).Decode(&list))
	var have []string
	for _, r := range list {
		amount, ok := new(big.Rat).SetString(r.Amount.String())
		if !ok {
			ts.Fatalf("%q is not an amount", r.Amount)
		}
		have = append(have, r.RefundID+"="+amount.FloatString(2))
	}
	slices.Sort(have)
	want := slices.Sorted(slices.Values(args[1:]))
	if !slices.Equal(have, want) {
		ts.Fatalf("the API holds %q for %s, not %q", have, args[0], want)
	}
}

// cmdBooked checks the amount of one refund, by its path in the emulator; none means that it was never made. It
// bypasses the wire.
func cmdBooked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: booked PATH AMOUNT|none")
	}
	resp := behind(ts, "GET", args[0], "")
	defer resp.Body.Close()
	var one struct {
		Amount json.Number `json:"refund_amount"`
	}
	ts.Check(json.NewDecoder(resp.Body).Decode(&one))
	have := "none"
	if amount, ok := new(big.Rat).SetString(one.Amount.String()); ok {
		have = amount.FloatString(2)
	}
	if have != args[1] || (have == "none") != (resp.StatusCode == http.StatusNotFound) {
		ts.Fatalf("%s: the API answers %s, %s", args[0], resp.Status, have)
	}
}

// behind asks the emulator directly, bypassing the wire, as somebody else with the credentials would.
func behind(ts *testscript.TestScript, method, path, body string) *http.Response {
	m := memoryOf(ts)
	if m.api == "" {
		ts.Fatalf("write sandbox first")
	}
	req, err := http.NewRequest(method, m.api+path, strings.NewReader(body))
	ts.Check(err)
	req.Header = http.Header{"X-Client-Id": {clientID}, "X-Client-Secret": {secret}, "X-Api-Version": {"2023-08-01"},
		"Content-Type": {"application/json"}}
	if strings.HasPrefix(path, "/router/") {
		req.Header = http.Header{"X-Client-Id": {flowwiseID}, "X-Client-Secret": {flowwiseSecret}, "Content-Type": {"application/json"}}
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	return resp
}

// askBehind is behind for the refunds of an order; anything but a 200 fails.
func askBehind(ts *testscript.TestScript, method, order, body string) *http.Response {
	resp := behind(ts, method, "/pg/orders/"+url.PathEscape(order)+"/refunds", body)
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Fatalf("%s: %s", resp.Status, text)
	}
	return resp
}

// cmdElsewhere makes a refund as a colleague in the dashboard does: elsewhere ORDER REFUND_ID AMOUNT,
// or for Flowwise elsewhere payments/PAYMENT REFUND_ID AMOUNT.
func cmdElsewhere(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: elsewhere ORDER|payments/PAYMENT REFUND_ID AMOUNT")
	}
	if strings.HasPrefix(args[0], "payments/") {
		behind(ts, "POST", "/router/"+args[0], fmt.Sprintf(`{"refund_id":%q,"refund_amount":%s,"refund_type":"MERCHANT_INITIATED"}`, args[1], args[2])).Body.Close()
		return
	}
	askBehind(ts, "POST", args[0], fmt.Sprintf(`{"refund_id":%q,"refund_amount":%s}`, args[1], args[2])).Body.Close()
}
