package state

import "encoding/binary"

// interner keeps one copy of texts that repeat: for as long as it lives if they are the same in many lines,
// otherwise until another text takes their slot. The lines of one refund are usually close together, and a
// slot is found faster than a map entry.
type interner struct {
	slots     [1 << slotBits]string
	permanent map[string]string
}

const (
	slotBits      = 9
	internedLen   = 128     // the most bytes of a text that is kept
	internedCount = 1 << 14 // the most texts that are kept for good: texts that do not repeat must not fill the memory
)

// recent returns a text that may have occurred in one of the lines before.
func (in *interner) recent(b []byte) string {
	if len(b) > internedLen {
		return string(b)
	}
	slot := in.slot(b)
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// intern returns a text that repeats from line to line.
func (in *interner) intern(b []byte) string {
	if len(b) > internedLen {
		return string(b)
	}
	slot := in.slot(b)
	if *slot == string(b) {
		return *slot
	}
	s, known := in.permanent[string(b)]
	if !known {
		s = string(b)
		in.add(s)
	}
	*slot = s
	return s
}

func (in *interner) add(s string) {
	if in.permanent == nil {
		in.permanent = map[string]string{}
	}
	if len(in.permanent) < internedCount {
		in.permanent[s] = s
	}
}

// slot depends on the length and the last bytes, in which ids differ.
func (in *interner) slot(b []byte) *string {
	h := uint64(len(b))
	if len(b) >= 8 {
		h ^= binary.LittleEndian.Uint64(b[len(b)-8:])
	} else {
		for _, c := range b {
			h = h<<8 ^ uint64(c)
		}
	}
	const spread = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio spreads close values far apart
	return &in.slots[h*spread>>(64-slotBits)]
}
