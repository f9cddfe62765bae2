package state

// A ledger is a text file, one event a line, written by appending only. A line is one JSON object
// without blanks; its fields come in the order of wire.go, and fields that are empty are left out:
//
//	{"v":<n>,"run":"<id>","seq":<n>,"at":"<UTC>","type":"<type>",…,"prev":"<hash>","hash":"<hash>"}
//
// v is the oldest format that has the line's event: a program reads the ledgers that a newer one
// wrote until the first event that it does not know, and refuses them by name from then on.
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
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// maxLine bounds a line, so that garbage cannot fill the memory. The longest request is far shorter.
const maxLine = 1 << 18

const (
	opening    = `{"v":`
	bodyStart  = len(opening) + 1 // formats have one digit
	hashField  = `,"hash":"`
	hashSuffix = len(hashField) + 2*sha256.Size + len(`"}`)
)

// digest is the SHA-256 of a line.
type digest [sha256.Size]byte

// String is the digest as the file spells it.
func (d digest) String() string { return hex.EncodeToString(d[:]) }

// encode is the event's line, without its end.
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

// sealed is the line whose bytes before the hash are body.
func seal(body []byte) []byte {
	sum := sha256.Sum256(body)
	return append(hex.AppendEncode(append(body, hashField...), sum[:]), `"}`...)
}

// decode checks a line's hash and takes it apart into e. The reader is of one goroutine.
func (r *decoder) decode(line []byte, e *event) (digest, *DamageError) {
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
	r.b, r.i, r.err = body, bodyStart, nil
	e.wire(r)
	r.expectEnd()
	if written := body[len(opening)]; written != byte('0'+e.format()) {
		r.malformed("events of type %q are of another format than %c", e.Type, written)
	}
	r.last, r.lastSpelling = sum, want
	if problem := e.problem(); problem != "" {
		r.fail(problem)
	}
	return sum, r.err
}

// spoiled tells a line that cannot be an event of this format, before its hash is looked at.
func classifyLine(line []byte) (DamageKind, string) {
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
	case len(line) >= maxLine:
		return TooLong, errTooLong.Error()
	case ours && version > format:
		return Newer, newerFormat(version)
	case !ours || version < 1 || len(line) <= len(opening)+hashSuffix:
		return Garbage, "not an event of a ledger"
	}
	return "", ""
}
