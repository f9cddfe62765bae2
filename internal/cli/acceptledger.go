package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"refundctl/state"
)

// acceptance is a person's statement that a ledger that may be old is the right one.
type acceptance struct {
	older  bool
	lack   state.LedgerMismatch // accepted by state pin and init
	reason string
}

func (f *acceptance) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.older, "accept-older-ledger", false, "accept a ledger that lacks runs seen before; needs --reason")
	c.Flags().StringVar(&f.reason, "reason", "", "why the older ledger is right; apply records it")
}

func (f acceptance) check() error {
	switch blank := strings.TrimSpace(f.reason) == ""; {
	case f.older && blank:
		return fail(ExitInvalid, `add --reason "why"`, "--accept-older-ledger needs a reason, which the ledger records")
	case !f.older && f.reason != "":
		return fail(ExitInvalid, "add --accept-older-ledger, or omit --reason", "--reason goes with --accept-older-ledger")
	}
	return nil
}

// into records the acceptance in the header of the run.
func (f acceptance) into(h *state.Header) {
	h.Accepts = f.lack
	if f.older {
		h.Accepts = state.OlderLedger
	}
	h.Reason = f.reason
}
