package state

// A ledger is a text file with one event per line, which is only ever appended to. A line is one JSON object
// without spaces. Its fields have the order of wire.go, and empty fields are omitted:
//
//	{"v":<n>,"run":"<id>","seq":<n>,"at":"<UTC>","type":"<type>",…,"prev":"<hash>","hash":"<hash>"}
//
// v is the oldest format that has the line's event. A program can therefore read the ledger of a newer one
// up to the first event that is new, which it refuses by name.
//
// hash is the SHA-256, in hex, of the line's bytes before `,"hash":`; prev is the hash of the run's previous
// line. A changed byte shows in its own line, a lost line in the next one of its run, and a lost run in the
// heads that later runs cite. Lines of different runs may come in any order, and a line may occur twice, so
// that the union of the lines of two ledgers is a ledger.
//
// Strings contain only UTF-8 and the escapes \" \\ and \u00XX (control characters). Amounts are decimal
// strings with their currency in the next field, and times are UTC. A line that ends with CR LF is read as
// if it ended with LF, so that a checkout that converts line ends changes no event.

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// maxLine limits the length of a line, so that garbage cannot fill the memory. The longest request is far
// shorter.
const maxLine = 1 << 18

const (
	opening    = `{"v":`
	bodyStart  = len(opening) + 1 // formats have one digit
	hashField  = `,"hash":"`
	hashSuffix = len(hashField) + 2*sha256.Size + len(`"}`)
)

// digest is the SHA-256 of a line.
type digest [sha256.Size]byte

// String is the digest in the form of the file.
func (d digest) String() string { return hex.EncodeToString(d[:]) }

// encode returns the event's line, without its line end.
func encode(e *event) ([]byte, error) {
	const usual = 1 << 10
	w := encoder{b: append(append(make([]byte, 0, usual), opening...), byte('0'+e.format()))}
	e.wire(&w)
	line := seal(w.b)
	if problem := e.problem(); problem != "" {
		w.fail(problem)
	}
	if w.err == nil && len(line) >= maxLine {
		w.err = errors.New("the event cannot be written: it is too long")
	}
	return line, w.err
}

// seal returns the line of a body, the bytes before the hash.
func seal(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(hex.AppendEncode(append(body, hashField...), sum[:]), `"}`...)
}

// decode checks a line's hash and decodes the event into e. A decoder is for one goroutine.
func (d *decoder) decode(line []byte, e *event) (digest, *DamageError) {
	if kind, problem := classifyLine(line); kind != "" {
		return digest{}, &DamageError{Kind: kind, Problem: problem}
	}
	body, tail := line[:len(line)-hashSuffix], line[len(line)-hashSuffix:]
	sum := sha256.Sum256(body)
	var want [hashSuffix]byte
	copy(want[:], hashField)
	hex.Encode(want[len(hashField):], sum[:])
	copy(want[hashSuffix-2:], `"}`)
	if !bytes.Equal(tail, want[:]) {
		return digest{}, &DamageError{Kind: Altered, Problem: "the line's bytes do not match its hash"}
	}
	*e = event{}
	d.b, d.i, d.err = body, bodyStart, nil
	e.wire(d)
	d.expectEnd()
	if written := body[len(opening)]; written != byte('0'+e.format()) {
		d.malformed("an event of type %q does not have format %c", e.Type, written)
	}
	d.last, d.lastSpelling = sum, want
	if problem := e.problem(); problem != "" {
		d.fail(problem)
	}
	return sum, d.err
}

// classifyLine returns what is wrong with a line that cannot be an event of this format, before its hash is
// checked; empty if nothing is.
func classifyLine(line []byte) (DamageKind, string) {
	for _, marker := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		if bytes.HasPrefix(line, []byte(marker)) {
			return Unmerged, "a Git conflict marker: two ledgers were not merged"
		}
	}
	rest, ours := bytes.CutPrefix(line, []byte(opening))
	version := 0
	for len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9' && version <= format {
		version, rest = version*10+int(rest[0]-'0'), rest[1:]
	}
	switch {
	case len(line) >= maxLine:
		return TooLong, errTooLong.Error()
	case ours && version > format:
		return Newer, newerFormat(version)
	case !ours || version < 1 || len(line) <= len(opening)+hashSuffix:
		return Garbage, "not a ledger event"
	}
	return "", ""
}
