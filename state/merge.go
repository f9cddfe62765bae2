package state

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// Merge writes the union of the runs of two ledgers to w: each run after those that it cites, otherwise by
// time. The order of the two ledgers does not change the bytes. One ledger may have less of a run than the
// other, but a run that differs is a *DamageError, as is a cited head that neither ledger has. An unfinished
// last line is omitted; the notices say so.
func Merge(ctx context.Context, a, b io.Reader, w io.Writer) ([]Notice, error) {
	lines := map[string][][]byte{}
	l := &loader{chains{}, func(e *event, _ digest, line []byte) {
		lines[e.Run] = append(lines[e.Run], append(bytes.Clone(line), '\n'))
	}}
	first, err := l.read(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("the first ledger: %w", err)
	}
	second, err := l.read(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("the second ledger: %w", err)
	}
	if err := l.chains.checkHeads(); err != nil {
		return nil, err
	}
	for _, run := range l.chains.ordered() {
		for _, line := range lines[run.run.ID] {
			if _, err := w.Write(line); err != nil {
				return nil, fmt.Errorf("writing the merged ledger: %w", err)
			}
		}
	}
	return append(first.notices(), second.notices()...), nil
}
