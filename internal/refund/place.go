package refund

import "net/netip"

// Loopback reports whether a host, as an address names it, is this computer. A name other than localhost
// never counts, whatever it resolves to.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
