package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// call is one request on its way through the emulator.
type call struct {
	method  string
	path    string // escaped, below movedPrefix
	moved   bool   // it followed a redirect
	header  http.Header
	body    []byte
	tooLong bool

	router  bool     // Flowwise: another vocabulary, no version, no keys
	route   *route   // nil: a bad URL
	ids     []string // of the path
	version string
	caller  string // whose idempotency keys count: the client id, where it came with its secret
	now     time.Time
	quota   quota
}

// maxBody bounds request bodies, in bytes.
const maxBody = 1 << 20

func newCall(method, escaped string, header http.Header, body []byte) *call {
	path, moved := strings.CutPrefix(escaped, movedPrefix)
	c := &call{method: method, path: path, moved: moved, header: header, body: body, tooLong: len(body) > maxBody,
		router: strings.HasPrefix(path, "/router/"), version: header.Get("X-Api-Version"), quota: quota{unlimited, unlimited, 0}}
	c.route, c.ids = find(method, path)
	return c
}

func (c *call) endpoint() Endpoint {
	if c.route == nil {
		return Unknown
	}
	return c.route.endpoint
}

func (c *call) duty() duty {
	if c.route == nil {
		return other
	}
	return c.route.duty
}

// key is the idempotency key, where the API minds it: POST with id and secret.
func (c *call) key() string {
	if c.method != http.MethodPost || c.router || c.caller == "" {
		return ""
	}
	return c.header.Get("X-Idempotency-Key")
}

// parent is what the path's first id addresses.
func (c *call) parent(k Kind) parent { return k.parent(c.ids[0]) }

// since tells whether the call's API version is this one or newer.
func (c *call) since(version string) bool { return c.version >= version }
