package refund

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Loopback reports whether the host of an address is this computer. Names other than localhost never count,
// whatever they resolve to.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Place returns the name of an API's address in the ledger: equivalent addresses have one name. It is empty
// if baseURL is own, the environment's default address. All ports of loopback have one name: an emulator
// that is started again is the same rehearsal.
func Place(baseURL, own string) string {
	if place := address(baseURL); place != address(own) {
		return place
	}
	return ""
}

// OnLoopback reports whether a Place is on this computer.
func OnLoopback(place string) bool { return strings.HasPrefix(place, loopback) }

const loopback = "loopback" // other addresses begin with a scheme

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
