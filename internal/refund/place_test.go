package refund

import "testing"

func TestR21_APlaceIsTheSameForEverySpellingOfAnAddress(t *testing.T) {
	const own = "https://api.cashfree.com/pg"
	for address, want := range map[string]string{
		own: "", "https://API.cashfree.com:443/pg/": "", "https://api.cashfree.com./pg": "", "": "",
		"https://api.cashfree.com/other":     "https://api.cashfree.com/other",
		"https://api.cashfree.com:8443/pg":   "https://api.cashfree.com:8443/pg",
		"https://sandbox.cashfree.com/pg":    "https://sandbox.cashfree.com/pg",
		"https://Gateway.example.com/pg/":    "https://gateway.example.com/pg",
		"http://127.0.0.1:4010/pg":           "loopback/pg",
		"http://127.0.0.9:1/pg/":             "loopback/pg",
		"http://localhost/pg":                "loopback/pg",
		"https://[::1]:9/pg":                 "loopback/pg",
		"http://[::ffff:127.0.0.1]:80/pg":    "loopback/pg",
		"https://api.cashfree.com.evil.test": "https://api.cashfree.com.evil.test",
	} {
		base := address
		if base == "" {
			base = own
		}
		if got := Place(base, own); got != want {
			t.Errorf("%s is %q, want %q", address, got, want)
		}
	}
}

func TestLoopbackIsAnAddressOrLocalhost(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true, "localhost": true,
		"x.localhost": false, "LOCALHOST": false, "localhost.": false, "127.1": false, "0.0.0.0": false, "": false, "10.0.0.1": false, "2130706433": false,
	} {
		if Loopback(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}
