package sandbox

import (
	"slices"
	"sync"
	"time"
)

// Credentials are what the emulator accepts: a combination is valid if all of its parts are set here and sent. The zero
// value accepts every complete combination.
type Credentials struct {
	ClientID, ClientSecret, PartnerKey, PartnerMerchantID, Signature string
}

// combinations are the four ways to authenticate.
var combinations = [][2]string{
	{"X-Client-Id", "X-Client-Secret"},
	{"X-Client-Id", "X-Partner-Apikey"},
	{"X-Client-Id", "X-Client-Signature"},
	{"X-Partner-Merchantid", "X-Partner-Apikey"},
}

func (k Credentials) value(header string) string {
	switch header {
	case "X-Client-Id":
		return k.ClientID
	case "X-Client-Secret":
		return k.ClientSecret
	case "X-Partner-Apikey":
		return k.PartnerKey
	case "X-Partner-Merchantid":
		return k.PartnerMerchantID
	}
	return k.Signature
}

func (k Credentials) accepts(header, sent string) bool {
	return sent != "" && (k == Credentials{} || sent == k.value(header))
}

// authenticate reports whether the call's credentials are valid, and records whose keys it uses. Flowwise knows only the
// first combination.
func (s *Server) authenticate(c *call) bool {
	known := s.opts.Credentials
	if c.flowwise && s.opts.Flowwise != (Credentials{}) {
		known = s.opts.Flowwise
	}
	for i, pair := range combinations {
		if c.flowwise && i > 0 {
			break
		}
		name, proof := c.header.Get(pair[0]), c.header.Get(pair[1])
		if known.accepts(pair[0], name) && known.accepts(pair[1], proof) {
			if i == 0 {
				c.caller = name
			}
			return true
		}
	}
	return false
}

// versions are the API versions that the emulator supports.
var versions = []string{"2022-01-01", "2022-09-01", "2023-08-01", "2025-01-01", "2026-01-01"}

// admit does everything before the idempotency key: it checks the credentials, version, URL and quota.
func (s *Server) admit(c *call) (refused answer, admitted bool) {
	switch {
	case !s.authenticate(c):
		return c.refuse(badCredentials), false
	case !c.flowwise && c.version == "":
		return c.refuse(noVersion), false
	case !c.flowwise && !slices.Contains(versions, c.version):
		return c.refuse(badVersion), false
	case c.route == nil || !c.since(c.route.since):
		return c.refuse(badURL), false
	case c.tooLong:
		return c.refuse(badJSON), false
	}
	c.quota = s.limiter.take(c.route.class, s.opts.Clock())
	if c.quota.retry > 0 {
		return c.refuse(throttled), false
	}
	return answer{}, true
}

// class is a group of endpoints that share a rate limit.
type class int

const (
	createClass class = iota
	refundClass
	orderClass
	paymentsClass
	classes
)

// quota is what the rate limit headers report.
type quota struct{ limit, remaining, retry int }

// unlimited is what they report if there is no limit.
const unlimited = 1_000_000

// limiter is a sliding window of one minute for each class.
type limiter struct {
	mu    sync.Mutex
	limit [classes]int
	sent  [classes][]time.Time
}

func newLimiter(l Limits) *limiter {
	return &limiter{limit: [classes]int{l.Create, l.Refund, l.Order, l.Payments}}
}

// take counts one request. It does not count one that it refuses.
func (l *limiter) take(c class, now time.Time) quota {
	limit := l.limit[c]
	if limit <= 0 {
		return quota{unlimited, unlimited, 0}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	sent := l.sent[c]
	for len(sent) > 0 && now.Sub(sent[0]) >= time.Minute {
		sent = sent[1:]
	}
	l.sent[c] = sent
	if len(sent) >= limit {
		wait := sent[0].Add(time.Minute).Sub(now)
		return quota{limit, 0, min(59, int((wait+time.Second-1)/time.Second))}
	}
	l.sent[c] = append(sent, now)
	return quota{limit, limit - len(sent) - 1, 0}
}
