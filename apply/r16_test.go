package apply_test

import (
	"math"
	"testing"
	"testing/synctest"

	"refundctl/internal/money"
)

func TestR16_ASumThatOverflowsBlocksItsRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProject(t, "o1/r1", "o2/r2")
		huge := money.Amount{Minor: math.MaxInt64 - 1, Currency: money.INR}
		p.specs[0].Amount, p.specs[1].Amount = huge, huge
		p.reader = &scriptedReader{api: p.api, paid: huge}
		s := p.stage()
		defer s.session.Close()
		r, err := s.prepareAndPerform()
		if err != nil || r.Sent.Count+r.NotSent.Count != 0 || len(p.api.posts) != 0 {
			t.Errorf("%+v, %v", r.Sent, err)
		}
	})
}
