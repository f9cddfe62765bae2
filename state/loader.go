package state

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"refundctl/internal/task"
)

var errTooLong = errors.New("the line is longer than any event")

// tail is how a ledger ends.
type tail struct {
	size    int64 // bytes up to the end of the last whole event
	torn    int64 // bytes after it, of an append that was cut short
	unended bool  // the last whole event has no line end
}

// loader reads ledgers, checks every line, and calls each once for every event, in order. The arguments are
// valid only during the call.
type loader struct {
	chains chains
	each   func(e *event, sum digest, line []byte)
}

// chunk is a piece of a ledger. Hashing and parsing take most of the time of a load, so chunks are decoded in
// parallel, and folded one after another.
type chunk struct {
	text    []byte // whole lines up to end, then the beginning of a line
	end     int
	skipped int64 // bytes after text, of a line that is too long
	blank   bool  // the skipped bytes are zeros
	err     error // why this is the last chunk
	decoder decoder
	lines   []decoded
	damage  *DamageError // of the line after the last of lines
	ready   chan error   // why it could not be decoded
}

type decoded struct {
	event event
	sum   digest
	line  []byte
}

// read takes in a whole ledger. After the last line end there may be an append that was cut short or is under
// way: finish says what it may have left there.
func (l *loader) read(ctx context.Context, r io.Reader) (t tail, err error) {
	ctx, cancel := context.WithCancel(ctx)
	chunks, free := make(chan *chunk), make(chan *chunk, runtime.GOMAXPROCS(0)+1)
	for range cap(free) {
		free <- &chunk{decoder: decoder{interner: interner{}}, ready: make(chan error, 1)}
	}
	var crash error // of split
	task.Go(func() error { split(ctx, r, chunks, free); return nil }, func(err error) {
		crash = err
		close(chunks)
	})
	defer func() {
		cancel()
		for range chunks { // wait until split no longer uses r
		}
	}()
	n := 1
	for c := range chunks {
		if err := cmp.Or(<-c.ready, ctx.Err()); err != nil {
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
	return t, cmp.Or(crash, ctx.Err())
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

// finish judges what comes after the last line end. A whole event is kept: only its line end is missing. The
// beginning of a line, and zeros, are what an interrupted append leaves; they do not count. Anything else is
// damage, because bytes that no append left may have been an event.
func (l *loader) finish(c *chunk, n int, t tail) (tail, error) {
	rest := c.text[c.end:]
	text := bytes.TrimRight(rest, "\x00")
	t.torn = int64(len(rest)) + c.skipped
	switch {
	case errors.Is(c.err, errTooLong), errors.Is(c.err, io.EOF) && c.skipped > 0 && !c.blank:
		return t, &DamageError{n, TooLong, errTooLong.Error()}
	case !errors.Is(c.err, io.EOF):
		return t, fmt.Errorf("reading the ledger: %w", c.err)
	case len(text) == 0:
		return t, nil
	}
	var e event
	line := bytes.TrimSuffix(text, []byte("\r"))
	sum, damage := c.decoder.decode(line, &e)
	switch {
	case damage == nil:
		return tail{size: t.size + int64(len(text)), torn: t.torn - int64(len(text)), unended: true}, l.add(&e, sum, line, n)
	case unfinished(text):
		return t, nil
	}
	damage.Line = n
	return t, damage
}

// unfinished reports whether text can be the beginning of a line of a known format, but not a whole line. A
// complete JSON object is a whole line, whatever its hash is.
func unfinished(text []byte) bool {
	head := []byte(opening + `?,"run":"`)
	for i := range min(len(text), len(head)) {
		known := text[i] == head[i]
		if i == len(opening) {
			known = '1' <= text[i] && text[i] <= '0'+format
		}
		if !known {
			return false
		}
	}
	var object json.RawMessage
	return errors.Is(json.NewDecoder(bytes.NewReader(text)).Decode(&object), io.ErrUnexpectedEOF)
}

// split cuts the ledger into chunks and starts decoding them. It ends with the ledger or with ctx.
func split(ctx context.Context, r io.Reader, chunks chan<- *chunk, free <-chan *chunk) {
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
		task.Go(c.decode, func(err error) { c.ready <- err })
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

// fill reads the next lines after rest, the beginning of the first of them.
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
		c.skipped, c.blank, c.err = skip(r)
	}
}

// more fills the buffer.
func (c *chunk) more(r io.Reader) error {
	n, err := io.ReadFull(r, c.text[len(c.text):cap(c.text)])
	c.text = c.text[:len(c.text)+n]
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}

// skip skips the rest of a line that is too long, and reports whether all of it is zeros, which a file may
// have at its end after a power failure.
func skip(r io.Reader) (skipped int64, blank bool, err error) {
	buffer := make([]byte, maxLine)
	for blank = true; ; {
		n, err := r.Read(buffer)
		skipped += int64(n)
		blank = blank && len(bytes.Trim(buffer[:n], "\x00")) == 0
		switch {
		case bytes.IndexByte(buffer[:n], '\n') >= 0:
			return skipped, false, errTooLong
		case err != nil:
			return skipped, blank, err
		}
	}
}

func (c *chunk) decode() error {
	c.lines, c.damage = c.lines[:0], nil
	for line := range bytes.Lines(c.text[:c.end]) {
		n := len(c.lines)
		if n == cap(c.lines) {
			c.lines = append(c.lines, decoded{})
		}
		c.lines = c.lines[:n+1]
		d := &c.lines[n]
		d.line = bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))
		if d.sum, c.damage = c.decoder.decode(d.line, &d.event); c.damage != nil {
			c.lines = c.lines[:n]
			break
		}
	}
	return nil
}
