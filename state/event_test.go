package state

import (
	"testing"

	"refundctl/internal/refund"
)

func TestR18_OnlyAKnownFinalStatusEndsARefund(t *testing.T) {
	for status, want := range map[refund.Status]Phase{
		refund.Success: Settled, refund.Cancelled: Failed, refund.Failed: Failed, refund.Pending: Accepted, refund.OnHold: Accepted,
		"": Accepted, "success": Accepted, "SUCCESSFUL": Accepted, "RETURNED": Accepted, refund.Reversed: Failed,
	} {
		if got := PhaseOf(status); got != want {
			t.Errorf("%q is %s, want %s", status, got, want)
		}
	}
}
