package state

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestATextIsReadAsItselfWhateverStoodInItsSlot(t *testing.T) {
	var w words
	texts := []string{"", "a", "b", "apply", strings.Repeat("x", longest), strings.Repeat("x", longest+1)}
	for i := range 5 << slotBits {
		texts = append(texts, fmt.Sprintf("refund_%06d", i), fmt.Sprintf("%d_the_same_end", i))
	}
	for range 2 {
		for _, text := range texts {
			if near, of := w.near([]byte(text)), w.of([]byte(text)); near != text || of != text {
				t.Fatalf("%q is read as %q and %q", text, near, of)
			}
		}
	}
}

func TestWordsKeepNoMoreThanTheirBound(t *testing.T) {
	var w words
	for i := range 2 * most {
		w.of(fmt.Appendf(nil, "word_%d", i))
	}
	long := strings.Repeat("x", longest+1)
	w.of([]byte(long))
	w.near([]byte(long))
	if len(w.kept) > most || w.kept[long] != "" || *w.slot([]byte(long)) == long {
		t.Errorf("%d texts are kept, want %d at most and none of %d bytes", len(w.kept), most, len(long))
	}
}

func TestATimeIsReadWhereTheCalendarHasIt(t *testing.T) {
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
