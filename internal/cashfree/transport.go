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

// newTransport speaks HTTP/1.1 only, because HTTP/2 retries requests and cannot be kept from it. It
// does not decompress, so that the bound on an answer also bounds the memory.
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
		// Load balancers close idle connections after 60 s. Close them first: a create that is sent
		// on a connection while it closes has an unknown outcome.
		IdleConnTimeout:    30 * time.Second,
		DisableCompression: true,
	}
}

// proxyForTLS honours HTTPS_PROXY and NO_PROXY, which companies need. Such a proxy sees a CONNECT
// and ciphertext. Plain http, which is for loopback only, never goes through a proxy.
func proxyForTLS(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" {
		return nil, nil
	}
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil {
		// The error of net/http repeats the address, which may contain a password.
		return nil, errors.New("the proxy address in the environment is not valid")
	}
	return proxy, nil
}

// loopbackOnly checks the address that is really dialled, whatever a hosts file says.
func loopbackOnly(_ context.Context, _, address string, _ syscall.RawConn) error {
	if a, err := netip.ParseAddrPort(address); err != nil || !a.Addr().Unmap().IsLoopback() {
		return errors.New("plain http is allowed for loopback only")
	}
	return nil
}

// baseAddress checks BaseURL and returns it without a trailing slash.
func baseAddress(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return "", errors.New("the base URL is not valid") // the error of net/url would repeat a password
	case u.User != nil:
		return "", errors.New("the base URL must not contain a user or password")
	case u.Hostname() == "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", fmt.Errorf("base URL %q must consist of a scheme, a host and a path", text)
	case u.Scheme == "https", u.Scheme == "http" && refund.Loopback(u.Hostname()):
		return strings.TrimRight(u.String(), "/"), nil
	}
	return "", fmt.Errorf("base URL %q must use https; http is allowed for loopback only", text)
}

// address appends a path to the base. A segment that is empty, "." or ".." would lead to another
// resource, so it is an error.
func (c *Client) address(path string) (*url.URL, error) {
	rest, rooted := strings.CutPrefix(path, "/")
	if !rooted || strings.ContainsAny(path, "?#") {
		return nil, errors.New("the path of the request does not name a resource")
	}
	for segment := range strings.SplitSeq(rest, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return nil, errors.New("the path of the request contains an id that is empty, \".\" or \"..\"")
		}
	}
	u, err := url.Parse(c.base + path)
	if err != nil {
		return nil, errors.New("the path of the request is not valid")
	}
	return u, nil
}
