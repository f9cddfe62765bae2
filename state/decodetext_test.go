package state

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestATextIsDecodedWithAnyInternerSlot(t *testing.T) {
	var w interner
	texts := []string{"", "a", "b", "apply", strings.Repeat("x", internedLen), strings.Repeat("x", internedLen+1)}
	for i := range 5 << slotBits {
		texts = append(texts, fmt.Sprintf("refund_%06d", i), fmt.Sprintf("%d_the_same_end", i))
	}
	for range 2 {
		for _, text := range texts {
			if near, of := w.recent([]byte(text)), w.intern([]byte(text)); near != text || of != text {
				t.Fatalf("%q is read as %q and %q", text, near, of)
			}
		}
	}
}

func TestTheInternerKeepsNoMoreThanItsLimit(t *testing.T) {
	var w interner
	for i := range 2 * internedCount {
		w.intern(fmt.Appendf(nil, "word_%d", i))
	}
	long := strings.Repeat("x", internedLen+1)
	w.intern([]byte(long))
	w.recent([]byte(long))
	if len(w.permanent) > internedCount || w.permanent[long] != "" || *w.slot([]byte(long)) == long {
		t.Errorf("%d texts are kept, want %d at most and none of %d bytes", len(w.permanent), internedCount, len(long))
	}
}

func TestATimeIsDecodedOnlyIfTheCalendarHasIt(t *testing.T) {
	for _, year := range []int{1900, 2000, 2023, 2024} {
		for month := range 14 {
			for day := range 33 {
				text := fmt.Sprintf("%04d-%02d-%02dT23:59:58.25Z", year, month, day)
				want, err := time.Parse(time.RFC3339Nano, text)
				if got, ok := utcTime([]byte(text)); ok != (err == nil) || ok && got != want {
					t.Errorf("%s is %v, %v, want %v, %v", text, got, ok, want, err)
				}
			}
		}
	}
}
