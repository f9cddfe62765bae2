package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// wire is a proxy between the program and the emulator: it counts requests, holds them, or answers instead of the API.
// It also checks R1: a POST's key is in a ledger before the POST arrives here.
type wire struct {
	api    string
	server *httptest.Server
	relay  http.RoundTripper
	dir    string // where ledgers are
	t      testing.TB

	mu      sync.Mutex
	seen    []string
	rules   []*wireRule
	arrived chan struct{}
}

// wireRule decides what happens to matching requests. A rule with a gate holds them until it is opened.
type wireRule struct {
	pattern *regexp.Regexp
	after   bool // the rule acts after the API
	times   int  // how often it acts; negative: always
	gate    chan struct{}
	dropped bool   // when the gate opens, requests are dropped
	reply   []byte // instead of the API's answer; the connection is closed after it
}

func newWire(ts *testscript.TestScript, api string) *wire {
	w := &wire{api: api, dir: ts.Getenv("WORK"), arrived: make(chan struct{}, 1000),
		t: memoryOf(ts).t, relay: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	w.server = httptest.NewServer(w)
	ts.Defer(func() {
		w.open(true)
		w.server.CloseClientConnections()
		w.server.Close()
	})
	return w
}

// ServeHTTP passes one request on, even if its sender is gone: a request that was sent may arrive.
func (w *wire) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the sender died while sending: the API never saw the request
	}
	if key := r.Header.Get("X-Idempotency-Key"); r.Method == "POST" && len(holding(w.dir, key)) == 0 {
		w.t.Errorf("R1: %s arrived, and no ledger holds its key %q", r.URL.Path, key)
	}
	if r.Method == "POST" && len(holding(w.dir, quoted(body))) == 0 { // Flowwise requests have no key
		w.t.Errorf("R1: %s arrived, and no ledger holds its body %s", r.URL.Path, body)
	}
	put := fmt.Sprintf(`"method":"PUT","path":%q,"body":%s`, strings.TrimPrefix(r.URL.Path, "/pg"), quoted(body))
	if r.Method == "PUT" && len(holding(w.dir, put)) == 0 {
		w.t.Errorf("R1: PUT %s arrived, and no ledger holds it with its body %s", r.URL.Path, body)
	}
	request := r.Method + " " + r.URL.Path
	w.count(request)
	if w.meet(request, out, false) {
		return
	}
	answer := w.ask(r, body)
	if w.meet(request, out, true) {
		return
	}
	answer.give(out)
}

// quoted returns a body as ledgers contain it.
func quoted(body []byte) string {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(string(body)) // encoding a string cannot fail
	return strings.TrimSpace(text.String())
}

func (w *wire) count(request string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, request)
}

// meet applies the rules of one side of the API, and reports whether one of them answered the request. A request that
// was held also meets the rules that were added meanwhile.
func (w *wire) meet(request string, out http.ResponseWriter, after bool) bool {
	for {
		rule := w.match(request, after)
		if rule == nil {
			return false
		}
		if w.act(rule, out) {
			return true
		}
	}
}

func (w *wire) match(request string, after bool) *wireRule {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, rule := range w.rules {
		if rule.times != 0 && rule.after == after && rule.pattern.MatchString(request) {
			rule.times--
			return rule
		}
	}
	return nil
}

// act applies a rule, and reports whether it answered the request.
func (w *wire) act(rule *wireRule, out http.ResponseWriter) bool {
	if rule.gate != nil {
		w.arrived <- struct{}{}
		<-rule.gate
		if rule.dropped {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	conn, _, err := http.NewResponseController(out).Hijack()
	if err != nil {
		w.t.Errorf("taking the connection over: %v", err)
		return true
	}
	defer conn.Close()
	_, _ = conn.Write(rule.reply) // the client may have stopped reading
	return true
}

// open releases or drops the requests held by these patterns, or by any. Later ones are not held.
func (w *wire) open(drop bool, patterns ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, rule := range w.rules {
		named := len(patterns) == 0 || slices.Contains(patterns, rule.pattern.String())
		if rule.gate != nil && rule.times != 0 && named {
			rule.times, rule.dropped = 0, drop
			close(rule.gate)
		}
	}
}

type relayed struct {
	*http.Response
	body   []byte
	broken bool
}

func (w *wire) ask(r *http.Request, body []byte) relayed {
	on := r.Clone(context.Background())
	on.URL.Scheme, on.URL.Host, on.RequestURI = "http", strings.TrimPrefix(w.api, "http://"), ""
	on.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := w.relay.RoundTrip(on)
	if err != nil {
		return relayed{broken: true}
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	return relayed{resp, got, err != nil}
}

// give passes an answer on; a truncated one stays truncated.
func (a relayed) give(out http.ResponseWriter) {
	if a.Response == nil {
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.Header {
		out.Header()[name] = values
	}
	out.WriteHeader(a.StatusCode)
	_, _ = out.Write(a.body)
	if a.broken {
		_ = http.NewResponseController(out).Flush()
		panic(http.ErrAbortHandler)
	}
}

func wireOf(ts *testscript.TestScript) *wire {
	w := memoryOf(ts).wire
	if w == nil {
		ts.Fatalf("write sandbox first")
	}
	return w
}

// add makes a rule from the usage COMMAND before|after PATTERN. PATTERN is matched with "METHOD PATH".
func (w *wire) add(ts *testscript.TestScript, args []string, rule *wireRule) {
	if len(args) < 2 || args[0] != "before" && args[0] != "after" {
		ts.Fatalf("write before or after, and a pattern")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	rule.pattern, rule.after = pattern, args[0] == "after"
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rules = append(w.rules, rule)
}

// cmdHold holds matching requests, before the API sees them or after it has acted.
func cmdHold(ts *testscript.TestScript, neg bool, args []string) {
	wireOf(ts).add(ts, args, &wireRule{times: -1, gate: make(chan struct{})})
}

// cmdArrived waits until one more request is held.
func cmdArrived(ts *testscript.TestScript, neg bool, args []string) {
	late := time.NewTimer(time.Minute)
	defer late.Stop()
	select {
	case <-wireOf(ts).arrived:
	case <-late.C:
		ts.Fatalf("nothing was held up")
	}
}

// cmdRelease releases held requests: release [PATTERN...], with the patterns of hold.
func cmdRelease(ts *testscript.TestScript, neg bool, args []string) { wireOf(ts).open(false, args...) }

// cmdDrop closes the connections of held requests.
func cmdDrop(ts *testscript.TestScript, neg bool, args []string) { wireOf(ts).open(true, args...) }

// cmdAnswer answers matching requests with a file: a status line, headers, an empty line and a body; $NAMEs are
// replaced. Usage: answer before|after PATTERN FILE [TIMES [BODIES]]; the body is repeated BODIES times.
func cmdAnswer(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: answer before|after PATTERN FILE [TIMES [BODIES]]")
	}
	numbers := []int{-1, 1}
	for i, text := range args[3:] {
		n, err := strconv.Atoi(text)
		ts.Check(err)
		numbers[i] = n
	}
	head, body, _ := strings.Cut(os.Expand(ts.ReadFile(args[2]), ts.Getenv), "\n\n")
	reply := strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + strings.Repeat(body, numbers[1])
	wireOf(ts).add(ts, args, &wireRule{times: numbers[0], reply: []byte(reply)})
}

// cmdRequests counts the matching requests since the start or the last forget.
func cmdRequests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: requests PATTERN COUNT")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	w := wireOf(ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, request := range w.seen {
		if pattern.MatchString(request) {
			n++
		}
	}
	if strconv.Itoa(n) != args[1] {
		ts.Fatalf("%d requests, not %s:\n%s", n, args[1], strings.Join(w.seen, "\n"))
	}
}

// cmdForget resets the counts, and removes the rules that hold nothing.
func cmdForget(ts *testscript.TestScript, neg bool, args []string) {
	w := wireOf(ts)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = nil
	w.rules = slices.DeleteFunc(w.rules, func(r *wireRule) bool { return r.gate == nil })
}
