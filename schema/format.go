package schema

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/internal/refund"
)

// The canonical layout of a manifest: UTF-8 without a byte order mark; lines end in LF, without blanks
// before it; each level stands two columns deeper than the one that holds it, lists as well. Fields
// stand in the order of fieldOrder where all of a mapping are known there, the document has no alias,
// and no text in it keeps the blank lines at its end. Of blank lines next to each other one stays, and
// none at the beginning of a list or mapping. What stands in brackets stays there, and on its lines.
// Words are never spelled anew: no quote comes or goes. A comment stays at its field or row, and so far
// behind a value as it was written.

// Formatted is a manifest and the same one in the canonical layout.
type Formatted struct {
	File   string // as diagnostics name it
	Path   string
	Before []byte
	After  []byte // the bytes of Before where it is canonical already
}

// Changed tells whether the layout differs.
func (f Formatted) Changed() bool { return !bytes.Equal(f.Before, f.After) }

// ErrLayout says that a layout would be read as something else than the text that it was made of. It is
// a mistake of this program.
var ErrLayout = errors.New("the new layout would not be read as the same manifest")

// Format lays out the manifests that Load finds at paths, one after another in the order of their
// names, and writes none. Problems are diagnostics: a file that is no YAML has an error, one that fmt
// has no layout for a warning, and neither is handed to use; nor is what a link leads to outside of
// paths. The error is that of ctx or of use, or ErrLayout.
func Format(ctx context.Context, paths []string, root string, use func(Formatted) error) ([]diag.Diagnostic, error) {
	files, found, err := gather(ctx, paths, root)
	if err != nil {
		return nil, fmt.Errorf("looking for manifests: %w", err)
	}
	named, err := realPaths(paths, root)
	if err != nil {
		return nil, fmt.Errorf("looking for manifests: %w", err)
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("laying out manifests: %w", err)
		}
		out := &sink{file: file.name}
		if leadsOut(file.path, named) {
			out.warnAt(0, 0, codeSymlink, "the link leads out of what was named, and is left as it is", "name the file itself")
			found = append(found, out.all()...)
			continue
		}
		data, _ := Options{}.slurp(out, file)
		var laid []byte
		if out.failed() == 0 {
			laid, err = format(out, data)
		}
		found = append(found, out.all()...)
		if err == nil && len(out.all()) == 0 {
			err = use(Formatted{file.name, file.path, data, laid})
		}
		if err != nil {
			return found, fmt.Errorf("%s: %w", file.name, err)
		}
	}
	diag.Sort(found)
	return found, nil
}

// FormatText lays out one manifest that is no file. It is as it was where a diagnostic says so. The
// error is ErrLayout.
func FormatText(name string, data []byte) ([]byte, []diag.Diagnostic, error) {
	out := &sink{file: name}
	if len(data) > MaxFileSize {
		out.addAt(0, 0, codeTooLarge, "the text is too large: "+errTooLarge.Error(), "split it into several files")
		return data, out.all(), nil
	}
	laid, err := format(out, data)
	return laid, out.all(), err
}

func realPaths(paths []string, root string) ([]string, error) {
	root, err := filepath.Abs(root)
	var named []string
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			p = filepath.Join(root, p)
		}
		if real, err := filepath.EvalSymlinks(p); err == nil {
			named = append(named, real)
		}
	}
	return named, err
}

func leadsOut(path string, named []string) bool {
	real, err := filepath.EvalSymlinks(path)
	return err != nil || !slices.ContainsFunc(named, func(n string) bool {
		return real == n || strings.HasPrefix(real, strings.TrimSuffix(n, string(filepath.Separator))+string(filepath.Separator))
	})
}

// format is data in the canonical layout, or data with what is wrong with it in the sink. What it
// returns was read again and is the same but for the layout.
func format(out *sink, data []byte) ([]byte, error) {
	text, ok := legible(out, data)
	if !ok {
		return data, nil
	}
	before, err := layOut(string(text))
	switch {
	case err != nil:
		illSyntax(out, text, err)
		return data, nil
	case before.left != nil:
		out.warnAt(before.left.line, before.left.column, codeLayout, before.left.message, before.left.hint)
		return data, nil
	case before.text == string(data):
		return data, nil
	}
	after, err := layOut(before.text)
	if err != nil || !before.sameAs(after) || !sameSpecs(text, []byte(before.text)) {
		return data, ErrLayout
	}
	return []byte(before.text), nil
}

// laidOut is a text in the canonical layout, and what of the text it was made of has to stay.
type laidOut struct {
	text     string
	left     *leaving
	values   []byte   // all of the tree but for places, and for the order of fields
	comments []string // sorted
}

func layOut(text string) (laidOut, error) {
	l := newLayout(text)
	var values []byte
	err := documentsOf([]byte(text), func(root *node) {
		values = appendValues(values, root)
		if !isMissing(root) || marked(root) {
			l.document(root)
		}
	})
	l.end()
	slices.Sort(l.comments)
	return laidOut{l.out.String(), l.left, values, l.comments}, err
}

// sameAs tells whether after, which was made of b's text, lost nothing, and would not change again.
func (b laidOut) sameAs(after laidOut) bool {
	return after.left == nil && after.text == b.text && bytes.Equal(b.values, after.values) && slices.Equal(b.comments, after.comments)
}

// appendValues writes a tree down so that two are the same where the bytes are.
func appendValues(to []byte, n *node) []byte {
	to = binary.AppendUvarint(to, uint64(n.Kind)<<32|uint64(n.Style))
	for _, text := range []string{n.Tag, n.Value, n.Anchor} {
		to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
	}
	to = binary.AppendUvarint(to, uint64(len(n.Content)))
	if n.Kind != mappingNode {
		for _, c := range n.Content {
			to = appendValues(to, c)
		}
		return to
	}
	fields := make([][2]*node, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		fields = append(fields, [2]*node{n.Content[i], n.Content[i+1]})
	}
	slices.SortStableFunc(fields, func(a, b [2]*node) int { return cmp.Compare(a[0].Value, b[0].Value) })
	for _, f := range fields {
		to = appendValues(appendValues(to, f[0]), f[1])
	}
	return to
}

// sameSpecs tells whether two texts ask for the same refunds, wherever they stand.
func sameSpecs(before, after []byte) bool {
	return reflect.DeepEqual(placeless(before), placeless(after))
}

func placeless(text []byte) []refund.Spec {
	m := newManifest("", nil)
	m.read(text)
	for i := range m.specs {
		m.specs[i].Source = diag.Place{}
	}
	return m.specs
}
