package state

import (
	"bytes"
	"io"
)

// Ends reads only the first and the last whole line of a ledger. It returns the lineage of the first run and
// the hash of the last event; both are empty if the file does not begin and end as a ledger does.
func Ends(r io.ReaderAt, size int64) (lineage, head string) {
	part := func(from int64) []byte {
		b := make([]byte, min(size-from, maxLine))
		n, _ := r.ReadAt(b, from) // what cannot be read is not a line
		return b[:n]
	}
	lines := decoder{interner: interner{}}
	var e event
	first, _, whole := bytes.Cut(part(0), []byte("\n"))
	if _, damage := lines.decode(bytes.TrimSuffix(first, []byte("\r")), &e); !whole || damage != nil || e.Type != typeRun {
		return "", ""
	}
	lineage = e.Header.Lineage
	rest := part(max(0, size-maxLine))
	rest = rest[:bytes.LastIndexByte(rest, '\n')+1]
	last := bytes.TrimRight(rest, "\r\n")
	sum, damage := lines.decode(last[bytes.LastIndexByte(last, '\n')+1:], &e)
	if damage != nil {
		return "", ""
	}
	return lineage, sum.String()
}
