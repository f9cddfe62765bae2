package cashfree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"refundctl/internal/refund"
)

const (
	testID     = "id-of-nobody"
	testSecret = "secret-of-nobody"
)

var orderNine = refund.Parent{Account: "f", Kind: refund.Order, ID: "order_9"}

// options returns options without jitter: without advice in a header, tries follow at once.
func options(base string) Options {
	return Options{
		BaseURL: base, APIVersion: "2023-08-01", Parallelism: 4, Headroom: -1,
		Credentials: Credentials{ClientID: testID, ClientSecret: testSecret},
		Clock:       time.Now,
		Jitter:      func(time.Duration) time.Duration { return 0 },
	}
}

func newClient(t testing.TB, o Options) *Client {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve starts a server for the duration of a test.
func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func fixture(t testing.TB, version, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", version, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCredentials_ExactlyOneCombination(t *testing.T) {
	for mask := range 32 {
		var c Credentials
		values := []*string{&c.ClientID, &c.ClientSecret, &c.PartnerAPIKey, &c.PartnerMerchantID, &c.ClientSignature}
		for i, v := range values {
			if mask>>i&1 == 1 {
				*v = "a-hidden-value"
			}
		}
		good := slices.Contains([]int{0b00011, 0b00101, 0b10001, 0b01100}, mask)
		o := options("https://h/pg")
		o.Credentials = c
		_, err := New(o)
		var typed *CredentialsError
		switch {
		case good && err != nil:
			t.Errorf("mask %05b refused: %v", mask, err)
		case !good && !errors.As(err, &typed):
			t.Errorf("mask %05b: %v, not a CredentialsError", mask, err)
		case !good && strings.Contains(err.Error(), "a-hidden-value"):
			t.Errorf("mask %05b: the error contains a value", mask)
		}
	}
	o := options("https://h/pg")
	o.Credentials.ClientSecret = "line\nbreak"
	_, err := New(o)
	if err == nil || !strings.Contains(err.Error(), "CLIENT_SECRET") || strings.Contains(err.Error(), "line") {
		t.Errorf("a secret with a line break: %v", err)
	}
}

func TestCredentials_AreNeverPrinted(t *testing.T) {
	o := options("https://h/pg")
	c := newClient(t, o)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "credentials", o.Credentials)
	asJSON, err := json.Marshal(o.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), string(asJSON), o.Credentials.String(), o.Credentials.GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, o.Credentials), fmt.Sprintf(verb, &o.Credentials),
			fmt.Sprintf(verb, o), fmt.Sprintf(verb, &o), fmt.Sprintf(verb, c))
	}
	for _, text := range texts {
		if strings.Contains(text, testSecret) || strings.Contains(text, testID) || strings.Contains(text, fmt.Sprintf("%x", testSecret)) {
			t.Errorf("a credential is printed: %s", text)
		}
	}
}

func TestR17_BaseURLUsesTLSOrLoopback(t *testing.T) {
	for base, good := range map[string]bool{
		"https://api.cashfree.com/pg":    true,
		"https://api.cashfree.com/pg/":   true,
		"http://127.0.0.1:8080/pg":       true,
		"http://localhost/pg":            true,
		"http://[::1]:9/pg":              true,
		"http://api.cashfree.com/pg":     false,
		"http://127.0.0.1.example.com/":  false,
		"http://localhost.example.com":   false,
		"http://10.0.0.1/pg":             false,
		"ftp://127.0.0.1/pg":             false,
		"https:///pg":                    false,
		"https://u:pass-word@h/pg":       false,
		"https://h/pg?x=1":               false,
		"https://h/pg#x":                 false,
		"https://u:pass-word@h:bad/pg":   false,
		"":                               false,
		"//h/pg":                         false,
		"http://0.0.0.0/pg":              false,
		"http://[::ffff:127.0.0.1]:1/pg": true,
	} {
		_, err := New(options(base))
		if (err == nil) != good {
			t.Errorf("%q: %v", base, err)
		}
		if err != nil && strings.Contains(err.Error(), "pass-word") {
			t.Errorf("%q: the error contains the password", base)
		}
	}
}

func TestR17_PlainHTTPChecksTheDialledAddress(t *testing.T) {
	for address, good := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "10.1.2.3:80": false, "[2001:db8::1]:80": false} {
		if err := loopbackOnly(t.Context(), "tcp", address, nil); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNew_RejectsAnUnknownVersion(t *testing.T) {
	o := options("https://h/pg")
	o.APIVersion = "2021-05-21"
	if _, err := New(o); err == nil {
		t.Error("accepted")
	}
}

func TestR17_PlainHTTPIsNeverProxied(t *testing.T) {
	req := httptest.NewRequest("GET", "http://192.0.2.1/pg/orders/x", nil)
	t.Setenv("HTTP_PROXY", "http://192.0.2.2:3128")
	if proxy, err := proxyForTLS(req); proxy != nil || err != nil {
		t.Errorf("proxy %v, error %v", proxy, err)
	}
}
