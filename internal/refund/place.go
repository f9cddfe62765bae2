package refund

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Loopback reports whether a host, as an address names it, is this computer. A name other than localhost
// never counts, whatever it resolves to.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Place names the address of an API for the ledger: two that lead to the same API have one name. It is
// empty if baseURL is own, the environment's own address. All of loopback is one place, whatever the
// port: an emulator that is started again is the same rehearsal.
func Place(baseURL, own string) string {
	if place := address(baseURL); place != address(own) {
		return place
	}
	return ""
}

// OnLoopback reports whether a Place is this computer.
func OnLoopback(place string) bool { return strings.HasPrefix(place, loopback) }

const loopback = "loopback" // no address of another host begins like this: it has a scheme

func address(text string) string {
	u, err := url.Parse(text)
	if err != nil || text == "" {
		return text
	}
	host, port := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), u.Port()
	path := strings.TrimRight(u.EscapedPath(), "/")
	switch {
	case Loopback(host):
		return loopback + path
	case port == "" || port == "443" && u.Scheme == "https":
		return u.Scheme + "://" + host + path
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port) + path
}
