//go:build !crashpoints

package cli

import (
	"refundctl/apply"
	"refundctl/state/local"
)

// In builds with the tag crashpoints these functions add crash points to the disk, the ledger and the API.

func crashingDisk(d local.Disk) local.Disk       { return d }
func crashingLedger(l apply.Ledger) apply.Ledger { return l }
func crashingIssuer(i apply.Issuer) apply.Issuer { return i }
