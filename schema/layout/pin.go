package layout

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"refundctl/internal/diag"
	"refundctl/schema"
	"refundctl/schema/yamltree"
)

// ErrNoPlaceForPin is the reason why Pin leaves a configuration as it is.
var ErrNoPlaceForPin = errors.New("its layout has no safe place for the lineage")

// Pin writes the lineage of the project's ledger into the text of a configuration, which must be valid. The rest stays
// byte for byte: the result is the same configuration with that lineage.
func Pin(text []byte, lineage string) ([]byte, error) {
	want, found := schema.ParseConfig("", text)
	if diag.HasError(found) {
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
	if got, _ := schema.ParseConfig("", after); !reflect.DeepEqual(got, want) {
		return nil, ErrNoPlaceForPin
	}
	return after, nil
}

// pin edits by looking at the lines only: Pin checks the result.
func (p page) pin(root *yamltree.Node, lineage string) (text []byte, ok bool) {
	pin := "lineage: " + yamlText(lineage)
	_, state := yamltree.Child(root, "state")
	if state == nil {
		version, _ := yamltree.Child(root, "version")
		return p.under(version, "state: {path: refunds.state.jsonl, "+pin+"}")
	}
	if state.Kind == yamltree.ScalarNode {
		path, ok := p.written(state)
		if !ok || !yamltree.IsQuoted(state) && strings.ContainsAny(path, ",[]{}#:\"'\\ ") { // these end a plain text in braces
			path = strconv.Quote(state.Value)
		}
		return p.replace(state, "{path: "+path+", "+pin+"}")
	}
	key, path := yamltree.Child(state, "path")
	_, old := yamltree.Child(state, "lineage")
	switch {
	case path == nil || yamltree.HasAlias(state):
		return nil, false
	case old != nil:
		return p.replace(old, yamlText(lineage))
	case yamltree.IsFlow(state):
		written, ok := p.written(path)
		if !ok {
			return nil, false
		}
		return p.replace(path, written+", "+pin)
	}
	return p.under(key, pin)
}

// under inserts a line below that of a key, with its indentation. The key's value must end there.
func (p page) under(key *yamltree.Node, line string) ([]byte, bool) {
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

// replace replaces a value of one line.
func (p page) replace(n *yamltree.Node, text string) ([]byte, bool) {
	written, ok := p.written(n)
	if !ok {
		return nil, false
	}
	lines := slices.Clone(p.lines)
	line := string(lines[n.Line-1])
	lines[n.Line-1] = []byte(line[:n.Column-1] + text + line[n.Column-1+len(written):])
	return append(slices.Clone(p.mark), bytes.Join(lines, nil)...), true
}

// written returns a value as its line spells it. It does not handle one with an anchor, a tag, an escape or several
// lines.
func (p page) written(n *yamltree.Node) (string, bool) {
	if n.Kind != yamltree.ScalarNode || yamltree.HasProperties(n) || yamltree.IsBlock(n) {
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
