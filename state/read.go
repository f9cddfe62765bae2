package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
)

var errTooLong = errors.New("the line is longer than any event")

// tail is how a ledger ends.
type tail struct {
	size int64 // bytes up to the end of the last whole event
	torn int64 // bytes behind it
	open bool  // the last whole event has no line end
}

// loader reads ledgers, checks every line, and hands each event over once, in their order. What it
// hands over is valid during the call.
type loader struct {
	chains chains
	each   func(e *event, sum digest, line []byte)
}

// chunk is a piece of a ledger. Hashing and parsing take most of the time of a load, so chunks are
// decoded side by side, and folded one after another.
type chunk struct {
	text    []byte // whole lines up to end, and behind them the beginning of a line
	end     int
	skipped int64 // bytes after text, of a line that is too long
	err     error // why this is the last chunk
	reader  reader
	lines   []decoded
	damage  *DamageError // of the line after lines
	ready   chan struct{}
}

type decoded struct {
	event event
	sum   digest
	line  []byte
}

// read takes a whole ledger in. What stands behind the last line end is no damage: an append that
// was cut short, or one that is under way. Only a complete event is kept of it, since an editor
// may have taken the last line end away.
func (l *loader) read(ctx context.Context, r io.Reader) (t tail, err error) {
	ctx, cancel := context.WithCancel(ctx)
	chunks, free := make(chan *chunk), make(chan *chunk, runtime.GOMAXPROCS(0)+1)
	for range cap(free) {
		free <- &chunk{reader: reader{words: words{}}, ready: make(chan struct{}, 1)}
	}
	go split(ctx, r, chunks, free)
	defer func() {
		cancel()
		for range chunks { // until split has let go of r
		}
	}()
	n := 1
	for c := range chunks {
		<-c.ready
		if err := ctx.Err(); err != nil {
			return t, err
		}
		if err := l.take(c, n); err != nil {
			return t, err
		}
		n += len(c.lines)
		t.size += int64(c.end)
		if c.err != nil {
			return l.finish(c, n, t)
		}
		free <- c
	}
	return t, ctx.Err()
}

func (l *loader) take(c *chunk, n int) error {
	for i := range c.lines {
		d := &c.lines[i]
		if err := l.add(&d.event, d.sum, d.line, n+i); err != nil {
			return err
		}
	}
	if c.damage != nil {
		c.damage.Line = n + len(c.lines)
		return c.damage
	}
	return nil
}

func (l *loader) add(e *event, sum digest, line []byte, n int) error {
	fresh, damage := l.chains.add(e, sum, n)
	if damage != nil {
		return damage
	}
	if fresh {
		l.each(e, sum, line)
	}
	return nil
}

// finish looks at what stands behind the last line end.
func (l *loader) finish(c *chunk, n int, t tail) (tail, error) {
	switch {
	case errors.Is(c.err, errTooLong):
		return t, &DamageError{n, TooLong, errTooLong.Error()}
	case !errors.Is(c.err, io.EOF):
		return t, fmt.Errorf("reading the ledger: %w", c.err)
	}
	rest := c.text[c.end:]
	t.torn = int64(len(rest)) + c.skipped
	if len(rest) == 0 || c.skipped > 0 {
		return t, nil
	}
	var e event
	if sum, damage := c.reader.decode(rest, &e); damage == nil && l.add(&e, sum, rest, n) == nil {
		return tail{size: t.size + t.torn, open: true}, nil
	}
	return t, nil
}

// split cuts the ledger into chunks and has them decoded. It ends with the ledger or with ctx.
func split(ctx context.Context, r io.Reader, chunks chan<- *chunk, free <-chan *chunk) {
	defer close(chunks)
	var rest []byte
	for {
		var c *chunk
		select {
		case c = <-free:
		case <-ctx.Done():
			return
		}
		c.fill(r, rest)
		rest = c.text[c.end:]
		go c.decode()
		select {
		case chunks <- c:
		case <-ctx.Done():
			return
		}
		if c.err != nil {
			return
		}
	}
}

// fill reads the next lines behind rest, the beginning of the first of them.
func (c *chunk) fill(r io.Reader, rest []byte) {
	const small, whole = 64 << 10, 2 * maxLine // most ledgers are small
	if c.text == nil {
		c.text = make([]byte, 0, small)
	}
	c.text = append(c.text[:0], rest...)
	if c.err = c.more(r); c.err == nil && cap(c.text) < whole {
		c.text = slices.Grow(c.text, whole-len(c.text))
		c.err = c.more(r)
	}
	c.end = bytes.LastIndexByte(c.text, '\n') + 1
	if len(c.text)-c.end >= maxLine && c.err == nil {
		c.skipped, c.err = skip(r)
	}
}

// more fills the buffer up.
func (c *chunk) more(r io.Reader) error {
	n, err := io.ReadFull(r, c.text[len(c.text):cap(c.text)])
	c.text = c.text[:len(c.text)+n]
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}

// skip passes over a line that is too long: damage where it ends, a torn tail where it does not.
func skip(r io.Reader) (skipped int64, err error) {
	buffer := make([]byte, maxLine)
	for {
		n, err := r.Read(buffer)
		switch {
		case bytes.IndexByte(buffer[:n], '\n') >= 0:
			return skipped, errTooLong
		case err != nil:
			return skipped + int64(n), err
		}
		skipped += int64(n)
	}
}

func (c *chunk) decode() {
	c.lines, c.damage = c.lines[:0], nil
	for line := range bytes.Lines(c.text[:c.end]) {
		n := len(c.lines)
		if n == cap(c.lines) {
			c.lines = append(c.lines, decoded{})
		}
		c.lines = c.lines[:n+1]
		d := &c.lines[n]
		d.line = bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))
		if d.sum, c.damage = c.reader.decode(d.line, &d.event); c.damage != nil {
			c.lines = c.lines[:n]
			break
		}
	}
	c.ready <- struct{}{}
}
