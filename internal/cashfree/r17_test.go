package cashfree

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"refundctl/internal/refund"
)

const created = `{"refund_id":"r_1","refund_amount":1.00,"refund_status":"PENDING","order_id":"order_9"}`

var createOne = refund.Request{Method: "POST", Path: "/orders/order_9/refunds", Body: []byte(`{"refund_id":"r_1","refund_amount":1.00}`)}

// rawServer counts requests. Its script answers the n-th request of a connection, counted from 1, and
// returns false to close the connection.
type rawServer struct {
	net.Listener
	requests atomic.Int64
	done     sync.WaitGroup
}

func serveRaw(t *testing.T, script func(conn *net.TCPConn, n int) bool) *rawServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{Listener: l}
	s.done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.done.Go(func() { s.talk(conn.(*net.TCPConn), script) })
		}
	})
	t.Cleanup(func() { l.Close(); s.done.Wait() })
	return s
}

func (s *rawServer) talk(conn *net.TCPConn, script func(*net.TCPConn, int) bool) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for n := 1; ; n++ {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		io.Copy(io.Discard, req.Body)
		s.requests.Add(1)
		if !script(conn, n) {
			return
		}
	}
}

func (s *rawServer) base() string { return "http://" + s.Addr().String() + "/pg" }

func answer(conn net.Conn, body string) bool {
	_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "+
		strconv.Itoa(len(body))+"\r\n\r\n"+body)
	return err == nil
}

// resetLater answers the first request of each connection and resets it after reading the second.
func resetLater(conn *net.TCPConn, n int) bool {
	if n == 1 {
		return answer(conn, created)
	}
	conn.SetLinger(0)
	return false
}

// dropLater closes the connection where resetLater resets it.
func dropLater(conn *net.TCPConn, n int) bool { return n == 1 && answer(conn, created) }

func TestR17_OneTryIsOneRequestOnReusedConnections(t *testing.T) {
	for name, script := range map[string]func(*net.TCPConn, int) bool{"reset": resetLater, "close": dropLater} {
		t.Run(name, func(t *testing.T) {
			s := serveRaw(t, script)
			c := newClient(t, options(s.base()))
			first := c.Create(t.Context(), createOne, "key-1")
			second := c.Create(t.Context(), createOne, "key-1")
			if first.HTTP != 200 || first.Live == nil {
				t.Fatalf("first: %+v", first)
			}
			if second.HTTP != 0 || second.NotSent || second.Cause == "" {
				t.Errorf("second: %+v, want an unknown outcome", second)
			}
			if n := s.requests.Load(); n != 2 {
				t.Errorf("%d requests for 2 tries", n)
			}
		})
	}
}

// The test above can fail: by default net/http sends a third request to the same server.
func TestR17_NetHTTPAloneWouldSendTwice(t *testing.T) {
	s := serveRaw(t, resetLater)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for range 2 {
		req, _ := http.NewRequest("POST", s.base(), bytes.NewReader(createOne.Body))
		req.Header.Set("X-Idempotency-Key", "key-1")
		if resp, err := client.Do(req); err == nil {
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	}
	if n := s.requests.Load(); n != 3 {
		t.Errorf("%d requests; the guard against re-sending no longer proves anything", n)
	}
}

func TestR17_APartialAnswerIsOneRequestWithAnUnknownOutcome(t *testing.T) {
	for name, text := range map[string]string{
		"body":    "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"refund_id\":",
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\"",
		"header":  "HTTP/1.1 200 OK\r\nContent-Le",
		"nothing": "",
		"noise":   "220 mail ready\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := serveRaw(t, func(conn *net.TCPConn, _ int) bool { io.WriteString(conn, text); return false })
			a := newClient(t, options(s.base())).Create(t.Context(), createOne, "k")
			if a.HTTP != 0 || a.NotSent || a.Live != nil || a.Cause == "" || s.requests.Load() != 1 {
				t.Errorf("%+v after %d requests", a, s.requests.Load())
			}
		})
	}
}

func TestR17_AnIdleConnectionClosedByTheServerIsNotRetried(t *testing.T) {
	s := serveRaw(t, func(conn *net.TCPConn, _ int) bool { answer(conn, created); return false })
	c := newClient(t, options(s.base()))
	answered := int64(0)
	for range 50 {
		switch a := c.Create(t.Context(), createOne, "k"); {
		case a.HTTP == 200:
			answered++
		case a.HTTP != 0 || a.NotSent: // the connection was closing
			t.Fatalf("%+v", a)
		}
	}
	if n := s.requests.Load(); n != answered {
		t.Errorf("%d requests, %d answers: one was sent twice", n, answered)
	}
}

func TestR17_RedirectsAreNotFollowed(t *testing.T) {
	var elsewhere, asked atomic.Int64
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { elsewhere.Add(1); io.WriteString(w, "[]") })
	for _, location := range []string{other.URL + "/x", "", "%zz"} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		c := newClient(t, options(s.URL+"/pg"))
		if a := c.Create(t.Context(), createOne, "k"); a.HTTP != 307 || a.NotSent || a.Live != nil {
			t.Errorf("create: %+v", a)
		}
		_, err := c.Refunds(t.Context(), orderNine)
		var read *refund.ReadError
		if !errors.As(err, &read) || read.HTTP != 307 || read.Class != refund.Unreachable {
			t.Errorf("read: %v", err)
		}
	}
	if elsewhere.Load() != 0 || asked.Load() != 6 {
		t.Errorf("%d requests elsewhere, %d of 6 here", elsewhere.Load(), asked.Load())
	}
}

func TestR17_NoHTTP2AndAtLeastTLS12(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("protocol %s", r.Proto)
		}
		io.WriteString(w, created)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c := newClient(t, options(s.URL+"/pg"))
	transport := c.transport.(*http.Transport)
	transport.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	if a := c.Create(t.Context(), createOne, "k"); a.Live == nil {
		t.Errorf("%+v", a)
	}
	if v := transport.TLSClientConfig.MinVersion; v != 0x0303 {
		t.Errorf("minimum TLS version %x", v)
	}
}

func TestR17_TheBodyArrivesByteForByte(t *testing.T) {
	body := []byte("{\"refund_id\":\"r_1\", \"refund_amount\":1.00 ,\"refund_note\":\"<&\u20b9>\"}\n ")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		if !bytes.Equal(got, body) || r.ContentLength != int64(len(body)) || len(r.TransferEncoding) != 0 {
			t.Errorf("length %d, encoding %v, body %q", r.ContentLength, r.TransferEncoding, got)
		}
		if r.RequestURI != "/pg/orders/a%2Fb/refunds" {
			t.Errorf("path %s", r.RequestURI)
		}
		io.WriteString(w, created)
	})
	c := newClient(t, options(s.URL+"/pg/"))
	c.Create(t.Context(), refund.Request{Method: "POST", Path: "/orders/a%2Fb/refunds", Body: body}, "k")
}

func TestNotSent_OnlyIfNoByteWasSent(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // completes no handshake, answers nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	gone, _ := net.Listen("tcp", "127.0.0.1:0")
	gone.Close()
	strange := httptest.NewUnstartedServer(nil) // its certificate is not trusted
	strange.Config.ErrorLog = log.New(io.Discard, "", 0)
	strange.StartTLS()
	defer strange.Close()
	plain := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	for name, tc := range map[string]struct {
		base    string
		notSent bool
	}{
		"refused":             {"http://" + gone.Addr().String(), true},
		"certificate":         {strange.URL, true},
		"no TLS there":        {"https://" + strings.TrimPrefix(plain.URL, "http://"), true},
		"handshake times out": {"https://" + silent.Addr().String(), true},
		"answer never comes":  {"http://" + silent.Addr().String(), false},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(tc.base)
			o.Timeout = 200 * time.Millisecond
			a := newClient(t, o).Create(t.Context(), createOne, "k")
			if a.HTTP != 0 || a.NotSent != tc.notSent || a.Cause == "" || a.EndedAt.IsZero() {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestNotSent_ProxyRefuses(t *testing.T) {
	proxy := serveRaw(t, func(conn *net.TCPConn, _ int) bool {
		io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		return false
	})
	c := newClient(t, options("https://api.example.invalid/pg"))
	c.transport.(*http.Transport).Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy.Addr().String()})
	if a := c.Create(t.Context(), createOne, "k"); !a.NotSent || a.HTTP != 0 {
		t.Errorf("%+v", a)
	}
}

func TestNotSent_CancelledContextOrInvalidRequest(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("reached") })
	c := newClient(t, options(s.URL+"/pg"))
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if a := c.Create(over, createOne, "k"); !a.NotSent || a.HTTP != 0 {
		t.Errorf("%+v", a)
	}
	for _, req := range []refund.Request{
		{}, {Method: "GET", Path: "/orders/x/refunds", Body: createOne.Body}, {Method: "POST", Path: "/orders/x/refunds"},
		{Method: "POST", Path: "/orders//refunds", Body: createOne.Body},
		{Method: "POST", Path: "/orders/../refunds", Body: createOne.Body},
		{Method: "POST", Path: "@192.0.2.1/refunds", Body: createOne.Body},
		{Method: "POST", Path: "/orders/x/refunds?a=b", Body: createOne.Body},
		{Method: "POST", Path: "/orders/%zz/refunds", Body: createOne.Body},
	} {
		if a := c.Create(t.Context(), req, "k"); !a.NotSent || a.Cause == "" {
			t.Errorf("%+v: %+v", req, a)
		}
	}
}

// With a Transport of the caller only a failed dial proves that nothing was sent.
func TestNotSent_TransportOfTheCaller(t *testing.T) {
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}}
	for _, tc := range []struct {
		err     error
		notSent bool
	}{{dial, true}, {errors.New("connection lost"), false}, {&net.OpError{Op: "read", Net: "tcp", Err: io.EOF}, false}} {
		o := options("https://h/pg")
		o.Transport = transportFunc(func(*http.Request) (*http.Response, error) { return nil, tc.err })
		if a := newClient(t, o).Create(t.Context(), createOne, "k"); a.NotSent != tc.notSent {
			t.Errorf("%v: %+v", tc.err, a)
		}
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransport_ReusesConnections(t *testing.T) {
	var opened atomic.Int64
	together := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select { // four requests wait for each other, so each needs a connection
		case together <- struct{}{}:
		case <-together:
		}
		io.WriteString(w, "[]")
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := newClient(t, options(s.URL))
	for range 20 {
		var round sync.WaitGroup
		for range 4 {
			round.Go(func() {
				if _, err := c.Refunds(t.Context(), orderNine); err != nil {
					t.Error(err)
				}
			})
		}
		round.Wait()
	}
	if n := opened.Load(); n > 4 {
		t.Errorf("%d connections for 4 at a time", n)
	}
}

func TestReads_CountsTheRepeatsOfNetHTTP(t *testing.T) {
	s := serveRaw(t, func(conn *net.TCPConn, n int) bool {
		if n == 1 {
			return answer(conn, "[]")
		}
		conn.SetLinger(0)
		return false
	})
	c := newClient(t, options(s.base()))
	for range 3 {
		if _, err := c.Refunds(t.Context(), orderNine); err != nil {
			t.Fatal(err)
		}
	}
	if int64(c.Reads()) != s.requests.Load() {
		t.Errorf("counted %d reads, the server saw %d", c.Reads(), s.requests.Load())
	}
}
