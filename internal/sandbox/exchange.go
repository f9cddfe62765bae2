package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// exchange takes one request from its arrival to its answer. Whether the client still listens
// makes no difference to it: a live server, too, moves the money of a client that gave up.
func (s *Server) exchange(c *call) answer {
	s.count(c.endpoint())
	if !s.pause(s.opts.Latency) {
		return answer{lost: true}
	}
	if refused, admitted := s.admit(c); !admitted {
		return refused
	}
	met := s.chance.roll(c)
	if !s.pause(met.before) {
		return answer{lost: true}
	}
	if met.at(atDoor) || met.at(onRead) || met.at(onCancel) {
		return met.kind.reply(c, answer{})
	}
	a := s.decide(c, met)
	if (met.at(onWire) || met.at(afterCancel)) && a.status == 200 {
		a = met.kind.reply(c, a)
	}
	if !s.pause(met.after) {
		return answer{lost: true}
	}
	return a
}

func (s *Server) count(e Endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[e]++
}

// pause waits; false means that the emulator was closed meanwhile.
func (s *Server) pause(d time.Duration) bool {
	if d <= 0 {
		return s.ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// decide does the work and makes it durable before anybody hears of it. One request at a time:
// two with one key cannot both find it unused.
func (s *Server) decide(c *call, met hit) (a answer) {
	err := s.locked(func() error {
		var e event
		a, e = s.work(c, met)
		return s.commit(e)
	})
	if err != nil {
		return c.no(serverError)
	}
	return a
}

// work looks at the key before anything else of the request. Every first answer under a key is
// kept, refusals and 500s as well.
func (s *Server) work(c *call, met hit) (a answer, e event) {
	c.now = s.opts.Clock()
	where := scope{c.caller, c.method + " " + c.path, c.key()}
	if old := s.book.stored[where]; old != nil && c.key() != "" && c.now.Sub(old.At) < s.opts.KeyLifetime {
		if !s.same(old.Request, c.body) {
			return c.no(otherBody), event{}
		}
		return answer{status: old.Code, body: old.Body, replayed: true}, event{}
	}
	if met.at(inPlace) {
		a = met.kind.reply(c, answer{})
	} else {
		a, e = c.route.handle(s, c)
	}
	if e.Refund != nil {
		e.Refund.Fate = met.fate
	}
	done := a.status == 200
	if done && (met.at(recorded) || met.at(unrecorded)) {
		a = met.kind.reply(c, a)
	}
	if c.key() != "" && !(done && met.at(unrecorded)) {
		e.Stored = &stored{where, c.now, c.body, a.status, a.body}
	}
	return a, e
}

func (s *Server) same(a, b []byte) bool {
	return bytes.Equal(a, b) || s.opts.Compare == Semantic && sameJSON(a, b)
}

func sameJSON(a, b []byte) bool {
	x, errX := decodeExact(a)
	y, errY := decodeExact(b)
	return errX == nil && errY == nil && sameValue(x, y)
}

func decodeExact(text []byte) (value any, err error) {
	if !json.Valid(text) { // the decoder would not look past the first value
		return nil, errors.New("not JSON")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	err = dec.Decode(&value)
	return value, err
}

func sameValue(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, isMap := b.(map[string]any)
		return isMap && maps.EqualFunc(x, y, sameValue)
	case []any:
		y, isList := b.([]any)
		return isList && slices.EqualFunc(x, y, sameValue)
	case json.Number:
		y, isNumber := b.(json.Number)
		return isNumber && sameNumber(string(x), string(y))
	}
	return a == b
}

// sameNumber leaves exponents alone: they could stand for numbers of any length.
func sameNumber(a, b string) bool {
	if a == b || strings.ContainsAny(a+b, "eE") {
		return a == b
	}
	x, readX := new(big.Rat).SetString(a)
	y, readY := new(big.Rat).SetString(b)
	return readX && readY && x.Cmp(y) == 0
}
