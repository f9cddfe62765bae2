package state

import "encoding/binary"

// words keeps one copy of the texts that repeat: of those that are the same in many lines for as
// long as it lives, of the others until another text takes their slot. The lines of one refund
// mostly stand near each other, and a slot is found faster than a place in a map.
type interner struct {
	slots     [1 << slotBits]string
	permanent map[string]string
}

const (
	slotBits      = 9
	internedLen   = 128     // bytes of a text that is kept, and
	internedCount = 1 << 14 // texts that are kept for good: what does not repeat must not fill the memory
)

// near is a text that may have stood in one of the lines before.
func (w *interner) recent(b []byte) string {
	if len(b) > internedLen {
		return string(b)
	}
	slot := w.slot(b)
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// of is a text that repeats from line to line.
func (w *interner) intern(b []byte) string {
	if len(b) > internedLen {
		return string(b)
	}
	slot := w.slot(b)
	if *slot == string(b) {
		return *slot
	}
	s, known := w.permanent[string(b)]
	if !known {
		s = string(b)
		w.add(s)
	}
	*slot = s
	return s
}

func (w *interner) add(s string) {
	if w.permanent == nil {
		w.permanent = map[string]string{}
	}
	if len(w.permanent) < internedCount {
		w.permanent[s] = s
	}
}

// slot goes by the length and the last bytes, in which ids differ.
func (w *interner) slot(b []byte) *string {
	h := uint64(len(b))
	if len(b) >= 8 {
		h ^= binary.LittleEndian.Uint64(b[len(b)-8:])
	} else {
		for _, c := range b {
			h = h<<8 ^ uint64(c)
		}
	}
	const spread = 0x9e3779b97f4a7c15 // 2^64 by the golden ratio: close values fall far apart
	return &w.slots[h*spread>>(64-slotBits)]
}
