package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// call is one request to the emulator.
type call struct {
	method     string
	path       string // escaped, below movedPrefix
	redirected bool   // it followed a redirect
	header     http.Header
	body       []byte
	tooLong    bool

	flowwise bool     // Flowwise: another vocabulary, no version, no keys
	route    *route   // nil: a bad URL
	ids      []string // of the path
	version  string
	caller   string // whose idempotency keys apply: the client id, if it came with its secret
	now      time.Time
	quota    quota
}

// maxBody is the largest request body, in bytes.
const maxBody = 1 << 20

func newCall(method, escaped string, header http.Header, body []byte) *call {
	path, redirected := strings.CutPrefix(escaped, movedPrefix)
	c := &call{method: method, path: path, redirected: redirected, header: header, body: body, tooLong: len(body) > maxBody,
		flowwise: strings.HasPrefix(path, "/router/"), version: header.Get("X-Api-Version"), quota: quota{unlimited, unlimited, 0}}
	c.route, c.ids = find(method, path)
	return c
}

func (c *call) endpoint() Endpoint {
	if c.route == nil {
		return Unknown
	}
	return c.route.endpoint
}

func (c *call) effect() effect {
	if c.route == nil {
		return other
	}
	return c.route.effect
}

// key returns the idempotency key if the API uses it: for POST with id and secret.
func (c *call) key() string {
	if c.method != http.MethodPost || c.flowwise || c.caller == "" {
		return ""
	}
	return c.header.Get("X-Idempotency-Key")
}

// parent returns the parent with the path's first id.
func (c *call) parent(k Kind) parent { return k.parent(c.ids[0]) }

// since reports whether the call's API version is this one or newer.
func (c *call) since(version string) bool { return c.version >= version }
