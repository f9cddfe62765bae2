package schema

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ErrNoPlaceForPin is why Pin leaves a configuration as it is.
var ErrNoPlaceForPin = errors.New("its layout leaves no safe place for the lineage")

// Pin writes the lineage of the project's ledger into the text of a configuration, which must be
// valid. The rest stays byte for byte: the result says what the text said, and that lineage.
func Pin(text []byte, lineage string) ([]byte, error) {
	before := &sink{}
	want := parseConfig(before, text)
	if before.failed() > 0 {
		return nil, ErrNoPlaceForPin
	}
	root, err := onlyDocument(text)
	if err != nil {
		return nil, err
	}
	after, ok := newPage(text).pin(root, lineage)
	if !ok {
		return nil, ErrNoPlaceForPin
	}
	want.Lineage = lineage
	if got := parseConfig(&sink{}, after); !reflect.DeepEqual(got, want) {
		return nil, ErrNoPlaceForPin
	}
	return after, nil
}

// pin edits the lines alone: Pin checks what became of it.
func (p page) pin(root *node, lineage string) (text []byte, ok bool) {
	pin := "lineage: " + yamlText(lineage)
	_, state := child(root, "state")
	if state == nil {
		version, _ := child(root, "version")
		return p.under(version, "state: {path: refunds.state.jsonl, "+pin+"}")
	}
	if state.Kind == scalarNode {
		path, ok := p.written(state)
		if !ok || !isQuoted(state) && strings.ContainsAny(path, ",[]{}#:\"'\\ ") { // what ends a plain text in braces
			path = strconv.Quote(state.Value)
		}
		return p.instead(state, "{path: "+path+", "+pin+"}")
	}
	key, path := child(state, "path")
	_, old := child(state, "lineage")
	switch {
	case path == nil || hasAlias(state):
		return nil, false
	case old != nil:
		return p.instead(old, yamlText(lineage))
	case isFlow(state):
		written, ok := p.written(path)
		if !ok {
			return nil, false
		}
		return p.instead(path, written+", "+pin)
	}
	return p.under(key, pin)
}

// under puts a line below that of a key, with its indentation. The key's value must end there.
func (p page) under(key *node, line string) ([]byte, bool) {
	if key == nil {
		return nil, false
	}
	i := key.Line - 1
	end := "\n"
	if bytes.HasSuffix(p.lines[i], []byte("\r\n")) {
		end = "\r\n"
	}
	lines := slices.Clone(p.lines)
	if !bytes.HasSuffix(lines[i], []byte("\n")) {
		lines[i] = append(slices.Clone(lines[i]), end...)
	}
	lines = slices.Insert(lines, i+1, []byte(strings.Repeat(" ", key.Column-1)+line+end))
	return append(slices.Clone(p.mark), bytes.Join(lines, nil)...), true
}

// instead replaces a scalar of one line.
func (p page) instead(n *node, text string) ([]byte, bool) {
	written, ok := p.written(n)
	if !ok {
		return nil, false
	}
	lines := slices.Clone(p.lines)
	line := string(lines[n.Line-1])
	lines[n.Line-1] = []byte(line[:n.Column-1] + text + line[n.Column-1+len(written):])
	return append(slices.Clone(p.mark), bytes.Join(lines, nil)...), true
}

// written is a scalar as its line spells it. One with an anchor, a tag, an escape or several lines is
// left to its writer.
func (p page) written(n *node) (string, bool) {
	if n.Kind != scalarNode || marked(n) || isText(n) {
		return "", false
	}
	line := p.lines[n.Line-1]
	if n.Column-1 > len(line) {
		return "", false
	}
	for _, spelling := range []string{n.Value, `"` + n.Value + `"`, "'" + n.Value + "'"} {
		if bytes.HasPrefix(line[n.Column-1:], []byte(spelling)) {
			return spelling, true
		}
	}
	return "", false
}
