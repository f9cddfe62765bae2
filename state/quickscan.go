package state

import (
	"bufio"
	"bytes"
	"context"
	"io"

	"refundctl/internal/refund"
)

// Glimpse is what a quick look at a ledger shows of a refund. It is good for names to choose from,
// and for nothing that decides about money.
type ScannedRefund struct {
	ParentID string
	RefundID string
	Amount   string // as it is written; empty where it is not
	Currency string
	Phase    Phase
	Status   refund.Status
}

// Glance looks through a ledger for its refunds, each once, in the order of their first lines. It
// believes what it reads: no chain and no hash is checked, the last line of a refund counts, and
// what is no event is passed over. It ends early, with what it found so far, when ctx does or r fails.
func QuickScan(ctx context.Context, r io.Reader) []ScannedRefund {
	const longest = 1 << 18
	lines := bufio.NewReaderSize(r, longest)
	var found []ScannedRefund
	at := map[string]int{}
	inside := false // of a line that is too long
	for n := 0; n%1024 != 0 || ctx.Err() == nil; n++ {
		line, err := lines.ReadSlice('\n')
		if id := valueOf(line, `"refund_id":"`); err == nil && !inside && len(id) > 0 {
			i, known := at[string(id)]
			if !known {
				i = len(found)
				at[string(id)] = i
				found = append(found, ScannedRefund{RefundID: string(id), ParentID: string(valueOf(line, `"parent_id":"`))})
			}
			found[i].see(line)
		}
		inside = err == bufio.ErrBufferFull
		if err != nil && !inside {
			break
		}
	}
	return found
}

// see takes what one event says of the refund. A cancel says nothing of how far the refund is.
func (g *ScannedRefund) see(line []byte) {
	switch string(valueOf(line, `"type":"`)) {
	case typeIntent:
		g.Phase, g.Status = Intended, ""
	case typeOutcome:
		g.Phase = Phase(valueOf(line, `"phase":"`))
		g.Status = refund.Status(valueOf(line, `"status":"`))
	default:
		return
	}
	if g.Amount == "" {
		g.Amount, g.Currency = string(valueOf(line, `"amount":"`)), string(valueOf(line, `"currency":"`))
	}
}

// valueOf is what stands behind the first occurrence of a name up to the next quote. Within a string
// every quote has a backslash before it, so a name in a text is none.
func valueOf(line []byte, name string) []byte {
	i := bytes.Index(line, []byte(name))
	if i < 0 {
		return nil
	}
	value, _, whole := bytes.Cut(line[i+len(name):], []byte{'"'})
	if !whole {
		return nil
	}
	return value
}
