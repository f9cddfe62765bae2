package sandbox

import (
	"slices"
	"sync"
	"time"
)

// Credentials are what the emulator accepts: a combination is good where all of its parts are set
// here and sent so. The zero value takes every complete combination.
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

// authenticate tells whether the call may pass, and notes whose keys it uses. Flowwise knows the
// first combination only.
func (s *Server) authenticate(c *call) bool {
	known := s.opts.Credentials
	if c.router && s.opts.Flowwise != (Credentials{}) {
		known = s.opts.Flowwise
	}
	for i, pair := range combinations {
		if c.router && i > 0 {
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

// versions are those of the API that the emulator speaks.
var versions = []string{"2022-01-01", "2022-09-01", "2023-08-01", "2025-01-01", "2026-01-01"}

// admit is everything before the idempotency key: credentials, version, URL, quota.
func (s *Server) admit(c *call) (refused answer, admitted bool) {
	switch {
	case !s.authenticate(c):
		return c.no(badCredentials), false
	case !c.router && c.version == "":
		return c.no(noVersion), false
	case !c.router && !slices.Contains(versions, c.version):
		return c.no(badVersion), false
	case c.route == nil || !c.since(c.route.since):
		return c.no(badURL), false
	case c.tooLong:
		return c.no(badJSON), false
	}
	c.quota = s.limiter.take(c.route.class, s.opts.Clock())
	if c.quota.retry > 0 {
		return c.no(throttled), false
	}
	return answer{}, true
}

// class is what the rate limits count together.
type class int

const (
	createClass class = iota
	refundClass
	orderClass
	paymentsClass
	classes
)

// quota is what the rate headers tell.
type quota struct{ limit, remaining, retry int }

// unlimited is what they tell where there is no limit.
const unlimited = 1_000_000

// limiter is a sliding window of a minute for each class.
type limiter struct {
	mu    sync.Mutex
	limit [classes]int
	sent  [classes][]time.Time
}

func newLimiter(l Limits) *limiter {
	return &limiter{limit: [classes]int{l.Create, l.Refund, l.Order, l.Payments}}
}

// take counts one request. A refused one is not counted.
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
