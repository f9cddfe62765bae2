package reconcile_test

import (
	"fmt"
	"testing"

	. "refundctl/internal/reconcile"
	"refundctl/internal/refund"
	"refundctl/state"
)

// BenchmarkMake holds 10,000 refunds of as many orders against a bank file of as many lines.
func BenchmarkMake(b *testing.B) {
	const n = 10_000
	in := Input{Accounts: map[string]string{"default": "fp"}, Now: now, Bank: &Bank{}}
	for i := range n {
		id, parent := fmt.Sprintf("r%05d", i), refund.Parent{Account: "fp", Kind: refund.Order, ID: fmt.Sprintf("o%05d", i)}
		s, e, l := spec(id, 100), entry(id, 100, state.Settled), live(id, 100, refund.Success)
		s.ParentID, e.ID.Parent, l.ParentID = parent.ID, parent, parent.ID
		in.Specs, in.Entries = append(in.Specs, s), append(in.Entries, e)
		in.Reads = append(in.Reads, Read{Parent: parent, Live: []refund.Live{l}})
		in.Bank.Lines = append(in.Bank.Lines, line(i+2, id, 100))
	}
	for b.Loop() {
		if r := Make(in); r.Totals[Matched].Rows != n {
			b.Fatalf("%+v", r.Totals)
		}
	}
}
