package state

import (
	"strings"
	"testing"
)

func TestAnEventThatCannotBeWrittenLeavesNothingInItsBatch(t *testing.T) {
	d := draft{session: &Session{clock: ticking(0), header: Header{Lineage: "lineage"}, decoder: decoder{interner: interner{}}},
		cursor: cursor{run: runID(1)}}
	spoilt := someIntent(2)
	spoilt.Request.Body = []byte("\xff")
	for _, in := range []Intent{someIntent(1), spoilt, someIntent(3)} {
		if err := d.addEvent(intents(in)); (err != nil) != (in.ID == spoilt.ID) {
			t.Fatalf("%s: %v", in.ID.RefundID, err)
		}
	}
	s := newState()
	s.foldWritten(d.events)
	if written := folded(t, d.lines); len(s.Entries()) != 2 || len(written.Entries()) != 2 || strings.Join(s.Heads(), "") != strings.Join(written.Heads(), "") {
		t.Errorf("the state holds %v of\n%s", s.Entries(), d.lines)
	}
}
