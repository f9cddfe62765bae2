package sim

import (
	"testing"
	"time"
	"unsafe"
)

// monotonic returns a time as time.Now does outside a bubble: the wall time and a monotonic reading, which
// subtraction uses. Inside a bubble times have no monotonic reading, so that a clock that jumps would look like
// one that runs.
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
		t.Errorf("%s elapsed, want two seconds", got)
	}
	if !before.Round(0).Equal(wall) || !after.Round(0).Equal(wall.Add(-time.Hour)) {
		t.Errorf("the wall clocks say %s and %s", before.Round(0), after.Round(0))
	}
}
