package sim

import (
	"testing"
	"time"
	"unsafe"
)

// monotonic is a time as time.Now gives it outside of a bubble: the wall's time with a monotonic
// reading beside it, which is what two of them are subtracted by. Within a bubble there is none, and
// nothing else makes one; a clock that jumps could not be told from one that runs.
func monotonic(wall time.Time, reading time.Duration) time.Time {
	const since1885 = (85*365 + 20) * 24 * 60 * 60 // to 1970, with 20 leap years
	words := (*struct {
		wall uint64
		ext  int64
		loc  *time.Location
	})(unsafe.Pointer(&wall))
	words.wall = 1<<63 | uint64(wall.Unix()+since1885)<<30 | uint64(wall.Nanosecond())
	words.ext = int64(reading) + 1
	return wall
}

func TestTheWallClockOfAProcessJumpsAndItsMonotonicClockDoesNot(t *testing.T) {
	wall := time.Date(2000, 3, 1, 9, 30, 0, 7, time.UTC)
	before, after := monotonic(wall, time.Second), monotonic(wall.Add(-time.Hour), 3*time.Second)
	if got := after.Sub(before); got != 2*time.Second {
		t.Errorf("%s went by, want two seconds", got)
	}
	if !before.Round(0).Equal(wall) || !after.Round(0).Equal(wall.Add(-time.Hour)) {
		t.Errorf("the walls say %s and %s", before.Round(0), after.Round(0))
	}
}
