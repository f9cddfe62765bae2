package sandbox

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Faults are what goes wrong on purpose, and when. The zero value is no faults.
type Faults struct {
	rules   []rule
	readLag time.Duration
}

// rule makes one kind of fault happen to the first-th to last-th request with its effect, or, if first is 0, with a
// probability.
type rule struct {
	kind        *faultKind
	first, last int
	perMillion  int
	delay       time.Duration
}

const (
	million = 1_000_000
	readLag = "read-lag"
)

// ParseFaults reads a comma-separated list of name=value. The value is a probability from 0 to 1, #N for the N-th
// request of its kind (creates, reads of refunds, or cancels, counted from 1 after the checks of credentials and
// limits), or #N-M. slow and hang take DURATION or DURATION@value; read-lag takes a duration.
func ParseFaults(spec string) (Faults, error) {
	var f Faults
	if strings.TrimSpace(spec) == "" {
		return f, nil
	}
	for _, part := range strings.Split(spec, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if !found {
			return Faults{}, fmt.Errorf("fault %q: write name=value", part)
		}
		if err := f.add(name, value); err != nil {
			return Faults{}, fmt.Errorf("fault %q: %w", name, err)
		}
	}
	return f, nil
}

// FaultNames returns the names of the faults that ParseFaults knows.
func FaultNames() []string {
	var names []string
	for _, k := range faultKinds {
		names = append(names, k.name)
	}
	return append(names, readLag)
}

func (f *Faults) add(name, value string) (err error) {
	if name == readLag {
		f.readLag, err = parseDelay(value)
		return err
	}
	for i := range faultKinds {
		if faultKinds[i].name == name {
			r, err := parseRule(&faultKinds[i], value)
			f.rules = append(f.rules, r)
			return err
		}
	}
	return fmt.Errorf("there is no such fault; the faults are %s", strings.Join(FaultNames(), ", "))
}

func parseRule(k *faultKind, value string) (r rule, err error) {
	r.kind = k
	if k.stage == pauseBefore || k.stage == pauseAfter {
		delay, when, limited := strings.Cut(value, "@")
		if r.delay, err = parseDelay(delay); err != nil {
			return r, err
		}
		if !limited {
			when = "1"
		}
		value = when
	}
	if numbers, counted := strings.CutPrefix(value, "#"); counted {
		r.first, r.last, err = parseRange(numbers)
		return r, err
	}
	r.perMillion, err = parseChance(value)
	return r, err
}

func parseDelay(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration such as 1.5s", text)
	}
	return d, nil
}

func parseRange(text string) (first, last int, err error) {
	from, to, isRange := strings.Cut(text, "-")
	first, err = strconv.Atoi(from)
	last = first
	if err == nil && isRange {
		last, err = strconv.Atoi(to)
	}
	if err != nil || first < 1 || last < first {
		return 0, 0, fmt.Errorf("%q is not a number such as #1 or a range such as #1-3", "#"+text)
	}
	return first, last, nil
}

// parseChance reads a decimal from 0 to 1 as parts per million.
func parseChance(text string) (int, error) {
	whole, frac, _ := strings.Cut(text, ".")
	digits := cmp.Or(whole, "0") + frac + strings.Repeat("0", max(0, 6-len(frac)))
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || text == "" || strings.HasSuffix(text, ".") || len(frac) > 6 || n > million {
		return 0, fmt.Errorf("%q is not a probability from 0 to 1 with at most six decimals, #N or #N-M", text)
	}
	return int(n), nil
}

// faultDraw decides which request has which fault. The same seed and the same requests in the same order have the same
// faults.
type faultDraw struct {
	mu    sync.Mutex
	rules []rule
	rng   *rand.Rand
	count map[effect]int
}

func newFaultDraw(f Faults, seed uint64) *faultDraw {
	return &faultDraw{rules: f.rules, rng: rand.New(rand.NewPCG(seed, 0)), count: map[effect]int{}}
}

// hit is the faults of one request: all delays, and the first of the others.
type hit struct {
	kind          *faultKind
	before, after time.Duration
	outcome       string // of the refund that is made; empty for SUCCESS, or what its note says
}

func (h hit) at(s stage) bool { return h.kind != nil && h.kind.stage == s }

// draw counts the call, and draws for every rule about its effect. A call that followed a redirect has no faults.
func (ch *faultDraw) draw(c *call) (h hit) {
	if len(ch.rules) == 0 || c.redirected || c.effect() == other {
		return h
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.count[c.effect()]++
	for _, r := range ch.rules {
		if r.kind.stage.effect() != c.effect() || !ch.happens(r, ch.count[c.effect()]) {
			continue
		}
		switch {
		case r.kind.stage == pauseBefore:
			h.before += r.delay
		case r.kind.stage == pauseAfter:
			h.after += r.delay
		case r.kind.stage == onSettling:
			h.outcome = cmp.Or(h.outcome, r.kind.outcome)
		case h.kind == nil:
			h.kind = r.kind
		}
	}
	return h
}

func (ch *faultDraw) happens(r rule, n int) bool {
	if r.first > 0 {
		return r.first <= n && n <= r.last
	}
	return ch.rng.IntN(million) < r.perMillion
}
