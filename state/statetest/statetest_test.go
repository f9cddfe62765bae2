package statetest_test

import (
	"testing"

	"refundctl/state"
	"refundctl/state/statetest"
)

func TestDiskPassesTheSuite(t *testing.T) {
	statetest.Run(t, func(*testing.T) (a, b state.Backend) {
		disk := &statetest.Disk{}
		return disk.Backend(), disk.Backend()
	})
}
