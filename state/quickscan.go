package state

import (
	"bufio"
	"bytes"
	"context"
	"io"

	"refundctl/internal/refund"
)

// ScannedRefund is what QuickScan shows of a refund. It is good enough to offer names to choose from, and not
// for decisions about money.
type ScannedRefund struct {
	ParentID string
	RefundID string
	Amount   string // as written; empty if it is not
	Currency string
	Phase    Phase
	Status   refund.Status
}

// QuickScan returns the refunds of a ledger, each once, in the order of their first lines. It trusts what it
// reads: it checks no chain and no hash, uses the last line of each refund, and skips what is not an event.
// It ends early, with what it found so far, if ctx is done or r fails.
func QuickScan(ctx context.Context, r io.Reader) []ScannedRefund {
	const longest = 1 << 18
	lines := bufio.NewReaderSize(r, longest)
	var found []ScannedRefund
	at := map[string]int{}
	inside := false // a line that is too long
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

// see takes in what an event says about the refund. A cancel says nothing about its phase.
func (r *ScannedRefund) see(line []byte) {
	switch string(valueOf(line, `"type":"`)) {
	case typeIntent:
		r.Phase, r.Status = Intended, ""
	case typeOutcome:
		r.Phase = Phase(valueOf(line, `"phase":"`))
		r.Status = refund.Status(valueOf(line, `"status":"`))
	default:
		return
	}
	if r.Amount == "" {
		r.Amount, r.Currency = string(valueOf(line, `"amount":"`)), string(valueOf(line, `"currency":"`))
	}
}

// valueOf returns what follows the first occurrence of a name, up to the next quote. Within a string every
// quote is escaped, so a name in a text does not match.
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
