package cashfree

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"refundctl/internal/refund"
)

// newTransport is HTTP/1.1 alone, since HTTP/2 has retries of its own that nothing here could
// stop, and without decompression, so that the bound on an answer is the bound on its memory.
func newTransport(o Options, base string) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if strings.HasPrefix(base, "http:") {
		dialer.ControlContext = loopbackOnly
	}
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxyForTLS,
		DialContext:            dialer.DialContext,
		Protocols:              &http1,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxConnsPerHost:        o.Parallelism,
		MaxIdleConnsPerHost:    o.Parallelism,
		// Load balancers drop idle connections after 60 s. We let go first: a create that meets a
		// connection just being closed has an unknown outcome.
		IdleConnTimeout:    30 * time.Second,
		DisableCompression: true,
	}
}

// proxyForTLS honours HTTPS_PROXY and NO_PROXY, as companies need it: such a proxy sees a CONNECT
// and ciphertext. Plain http, which goes to loopback only, is never given to a proxy.
func proxyForTLS(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" {
		return nil, nil
	}
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil {
		// net/http's own text repeats the address, which may hold a password.
		return nil, errors.New("the proxy address in the environment cannot be read")
	}
	return proxy, nil
}

// loopbackOnly looks at the address that is really dialled, whatever a hosts file makes of a name.
func loopbackOnly(_ context.Context, _, address string, _ syscall.RawConn) error {
	if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().Unmap().IsLoopback() {
		return errors.New("plain http goes to loopback only")
	}
	return nil
}

// baseAddress checks BaseURL and returns it without a slash at the end.
func baseAddress(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", errors.New("the base URL cannot be read") // url's error would repeat a password in it
	case u.User != nil:
		return "", errors.New("the base URL must hold no user or password")
	case u.Hostname() == "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", fmt.Errorf("base URL %q must be a scheme, a host and a path", text)
	case u.Scheme == "https", u.Scheme == "http" && refund.Loopback(u.Hostname()):
		return strings.TrimRight(u.String(), "/"), nil
	}
	return "", fmt.Errorf("base URL %q must be https; http is for loopback only", text)
}

// address joins a path to the base. A segment that is empty or dots would lead to another
// resource than the one meant, so it is an error.
func (c *Client) address(path string) (*url.URL, error) {
	rest, rooted := strings.CutPrefix(path, "/")
	if !rooted || strings.ContainsAny(path, "?#") {
		return nil, errors.New("the request's path is not one of a resource")
	}
	for segment := range strings.SplitSeq(rest, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return nil, errors.New("the request's path has an empty id, or one of dots alone")
		}
	}
	u, err := url.Parse(c.base + path)
	if err != nil {
		return nil, errors.New("the request's path cannot be read")
	}
	return u, nil
}
