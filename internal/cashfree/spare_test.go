package cashfree

import (
	"testing"
	"testing/synctest"
	"time"

	"refundctl/internal/refund"
)

func TestSpareTakesWhatIsLeftAndNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := answering(t, 200, nil, "[]")
		c.limits.lanes[refunds].ceiling = 2
		started := time.Now()
		for n := range 3 {
			_, err := c.Spare().Refunds(t.Context(), orderNine)
			if class := refund.ReadClassOf(err); (class == refund.Throttled) != (n == 2) {
				t.Errorf("read %d: %v", n+1, err)
			}
		}
		if waited := time.Since(started); waited > 0 || c.Reads() != 2 {
			t.Errorf("%d requests in %s", c.Reads(), waited)
		}
	})
}

func TestSpareDoesNotTryAgain(t *testing.T) {
	for _, status := range []int{429, 500} {
		synctest.Test(t, func(t *testing.T) {
			c := answering(t, status, nil, "{}")
			if _, err := c.Spare().Refunds(t.Context(), orderNine); err == nil || c.Reads() != 1 {
				t.Errorf("%d requests after a %d: %v", c.Reads(), status, err)
			}
			if _, err := c.Spare().Refund(t.Context(), refund.Identity{Parent: orderNine, RefundID: "r_1"}); status == 429 && (refund.ReadClassOf(err) != refund.Throttled || c.Reads() != 1) {
				t.Errorf("a read follows a 429: %v", err)
			}
		})
	}
}
