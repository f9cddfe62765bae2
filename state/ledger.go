package state

// A ledger is a text file, one event a line, written by appending only. A line is one JSON object
// without blanks; its fields come in the order of wire.go, and fields that are empty are left out:
//
//	{"v":1,"run":"<id>","seq":<n>,"at":"<UTC>","type":"<type>",…,"prev":"<hash>","hash":"<hash>"}
//
// hash is the SHA-256, in hex, of the line's bytes before `,"hash":`; prev is the hash of the run's
// previous line. So a changed byte shows in its own line, a lost line in the next one of its run,
// and a lost run in the heads that later runs cite. Lines of different runs may stand in any
// order, and one line may stand twice, so that the union of two ledgers' lines is a ledger.
//
// Only UTF-8 and the escapes \" \\ and \u00XX (control characters) occur in strings. Amounts are
// decimal strings with their currency beside them, times are UTC. A line that ends with CR LF is
// read as if it ended with LF: a checkout that converts line ends changes no event.

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line, so that garbage cannot fill the memory. The longest request is far shorter.
const maxLine = 1 << 18

const (
	opening    = `{"v":`
	hashField  = `,"hash":"`
	hashSuffix = len(hashField) + 2*sha256.Size + len(`"}`)
)

// digest is the SHA-256 of a line.
type digest [sha256.Size]byte

// String is the digest as the file spells it.
func (d digest) String() string { return hex.EncodeToString(d[:]) }

// encode is the event's line, without its end.
func encode(e *event) ([]byte, error) {
	w := writer{b: []byte("{")}
	e.wire(&w)
	line := sealed(w.b)
	if problem := e.problem(); problem != "" {
		w.fail(Malformed, problem)
	}
	if w.err == nil && len(line) >= maxLine {
		w.err = errors.New("the event cannot be written: it is too long")
	}
	return line, w.err
}

// sealed is the line whose bytes before the hash are body.
func sealed(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(hex.AppendEncode(append(body, hashField...), sum[:]), `"}`...)
}

// decoder turns lines into events. It is for one goroutine; the event is valid until the next call.
type decoder struct {
	reader reader
	event  event
}

func newDecoder() *decoder { return &decoder{reader: reader{words: &words{}}} }

// decode checks a line's hash and takes it apart.
func (d *decoder) decode(line []byte) (*event, digest, *DamageError) {
	if kind, problem := spoiled(line); kind != "" {
		return nil, digest{}, &DamageError{Kind: kind, Problem: problem}
	}
	body, tail := line[:len(line)-hashSuffix], line[len(line)-hashSuffix:]
	sum := digest(sha256.Sum256(body))
	var want [hashSuffix]byte
	copy(want[:], hashField)
	hex.Encode(want[len(hashField):], sum[:])
	copy(want[hashSuffix-2:], `"}`)
	if !bytes.Equal(tail, want[:]) {
		return nil, digest{}, &DamageError{Kind: Altered, Problem: "the line's bytes do not match its hash"}
	}
	d.event = event{}
	d.reader.b, d.reader.i, d.reader.err = body, 1, nil
	d.event.wire(&d.reader)
	d.reader.done()
	if problem := d.event.problem(); problem != "" {
		d.reader.fail(Malformed, problem)
	}
	return &d.event, sum, d.reader.err
}

// spoiled tells a line that cannot be an event of this format, before its hash is looked at.
func spoiled(line []byte) (DamageKind, string) {
	for _, marker := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		if bytes.HasPrefix(line, []byte(marker)) {
			return Unmerged, "a conflict marker of Git: two ledgers were not merged"
		}
	}
	rest, ours := bytes.CutPrefix(line, []byte(opening))
	version := 0
	for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' && version <= format {
		version, rest = version*10+int(rest[0]-'0'), rest[1:]
	}
	switch {
	case ours && version > format:
		return Newer, newer(version)
	case !ours || version != format || len(line) <= len(opening)+hashSuffix:
		return Garbage, "not an event of a ledger"
	}
	return "", ""
}

// tail is how a ledger ends.
type tail struct {
	size int64 // bytes up to the end of the last whole event
	torn int64 // bytes behind it
	open bool  // the last whole event has no line end
}

// loader reads ledgers line by line, checks them, and hands each event over once.
type loader struct {
	decoder *decoder
	chains  chains
	each    func(e *event, sum digest, line []byte)
}

func newLoader(each func(*event, digest, []byte)) *loader {
	return &loader{newDecoder(), chains{}, each}
}

// read takes a whole ledger in. What stands behind the last line end is no damage: an append that
// was cut short, or one that is under way. Only a complete event is kept of it, since an editor
// may have taken the last line end away.
func (l *loader) read(ctx context.Context, r io.Reader) (t tail, err error) {
	lines := bufio.NewReaderSize(r, maxLine)
	for n := 1; ; n++ {
		line, err := lines.ReadSlice('\n')
		size := int64(len(line))
		switch {
		case err == nil:
			err = l.line(n, bytes.TrimSuffix(line[:size-1], []byte("\r")))
		case errors.Is(err, io.EOF):
			if size > 0 && l.line(n, line) == nil {
				return tail{t.size + size, 0, true}, nil
			}
			t.torn = size
			return t, nil
		case errors.Is(err, bufio.ErrBufferFull):
			t.torn, err = l.skip(n, lines)
			t.torn += size
			if err == nil {
				return t, nil
			}
		default:
			err = fmt.Errorf("reading the ledger: %w", err)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return t, err
		}
		t.size += size
	}
}

func (l *loader) line(n int, line []byte) error {
	e, sum, damage := l.decoder.decode(line)
	fresh := false
	if damage == nil {
		fresh, damage = l.chains.add(e, sum, n)
	}
	if damage != nil {
		damage.Line = n
		return damage
	}
	if fresh {
		l.each(e, sum, line)
	}
	return nil
}

// skip passes over a line that is too long: damage where it ends, a torn tail where it does not.
func (l *loader) skip(n int, lines *bufio.Reader) (skipped int64, err error) {
	for {
		part, err := lines.ReadSlice('\n')
		skipped += int64(len(part))
		switch {
		case err == nil:
			return skipped, &DamageError{n, TooLong, "the line is longer than any event"}
		case errors.Is(err, io.EOF):
			return skipped, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return skipped, fmt.Errorf("reading the ledger: %w", err)
		}
	}
}
