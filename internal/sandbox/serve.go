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

// serve handles one request. It does not matter whether the client still listens: a live server also moves the money of a
// client that gave up.
func (s *Server) serve(c *call) answer {
	s.count(c.endpoint())
	if !s.pause(s.opts.Latency) {
		return answer{lost: true}
	}
	if refused, admitted := s.admit(c); !admitted {
		return refused
	}
	fault := s.faults.draw(c)
	if !s.pause(fault.before) {
		return answer{lost: true}
	}
	if fault.at(beforeWork) || fault.at(onRead) || fault.at(onCancel) {
		return fault.kind.reply(c, answer{})
	}
	a := s.execute(c, fault)
	if (fault.at(afterWorkOnWire) || fault.at(afterCancel)) && a.status == 200 {
		a = fault.kind.reply(c, a)
	}
	if !s.pause(fault.after) {
		return answer{lost: true}
	}
	return a
}

func (s *Server) count(e Endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[e]++
}

// pause waits, and reports whether the emulator is still open.
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

// execute does the work and makes it durable before the answer is sent. It handles one request at a time, so that two
// with the same key cannot both find it unused.
func (s *Server) execute(c *call, fault hit) (a answer) {
	err := s.locked(func() error {
		var e event
		a, e = s.perform(c, fault)
		return s.commit(e)
	})
	if err != nil {
		return c.refuse(serverError)
	}
	return a
}

// perform looks at the key before anything else. It stores every first answer under a key, including refusals and 500s.
func (s *Server) perform(c *call, fault hit) (a answer, e event) {
	c.now = s.opts.Clock()
	where := scope{c.caller, c.method + " " + c.path, c.key()}
	if old := s.store.answers[where]; old != nil && c.key() != "" && c.now.Sub(old.At) < s.opts.KeyLifetime {
		if !s.same(old.Request, c.body) {
			return c.refuse(otherBody), event{}
		}
		return answer{status: old.Code, body: old.Body, replayed: true}, event{}
	}
	if fault.at(insteadOfWork) {
		a = fault.kind.reply(c, answer{})
	} else {
		a, e = c.route.handle(s, c)
	}
	if e.Refund != nil {
		e.Refund.Outcome = fault.outcome
	}
	done := a.status == 200
	if done && (fault.at(afterWorkStored) || fault.at(afterWorkNotStored)) {
		a = fault.kind.reply(c, a)
	}
	if c.key() != "" && !(done && fault.at(afterWorkNotStored)) {
		e.Stored = &storedAnswer{where, c.now, c.body, a.status, a.body}
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
	if !json.Valid(text) { // the decoder does not look past the first value
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

// sameNumber compares numbers with an exponent as text: they could be of any length.
func sameNumber(a, b string) bool {
	if a == b || strings.ContainsAny(a+b, "eE") {
		return a == b
	}
	x, readX := new(big.Rat).SetString(a)
	y, readY := new(big.Rat).SetString(b)
	return readX && readY && x.Cmp(y) == 0
}
