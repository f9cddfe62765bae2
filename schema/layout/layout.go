// Package layout writes manifests: it formats them in the canonical layout, inserts rows, and pins the lineage in a
// configuration. The file keeps its comments, its quotes and its line ends.
//
// It never writes a file, and never returns a text before reading it again: if that text would not mean the same, the
// caller gets an error and the file stays as it is. The command line and package edit call it.
package layout

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"refundctl/internal/diag"
	"refundctl/schema"
	"refundctl/schema/yamltree"
)

// The canonical layout of a manifest: UTF-8 without a byte order mark. Lines end as the first one does, in LF or CRLF,
// without spaces before it; line ends alone change nothing. Each level is indented two columns more than the one around
// it, lists too. Fields are in the order of fieldOrder if that knows all the fields of a mapping, the document has no
// alias, and no text in it keeps the blank lines at its end. Of several blank lines one stays, and none at the beginning
// of a list or mapping. What is in brackets stays in them, and on its lines. Words keep their spelling: no quote is added
// or removed. A comment stays with its field or row, as far behind a value as it was.

// Formatted is a manifest as it is, and in the canonical layout.
type Formatted struct {
	File   string // as diagnostics name it
	Path   string
	Before []byte
	After  []byte // equal to Before if that is canonical
}

// Changed reports whether the layout differs.
func (f Formatted) Changed() bool { return !bytes.Equal(f.Before, f.After) }

// ErrLayout is returned if a layout would not mean the same as the text that it was made from. That is a bug in this
// program.
var ErrLayout = errors.New("the new layout would not mean the same as the manifest")

// Format formats the manifests that schema.Load finds at paths, one after another by name, and writes none of them.
// Problems are diagnostics: an error for a file that is not YAML, a warning for one that fmt does not support. Neither
// is passed to use, nor is a file outside of paths that a link leads to. The error is that of ctx or of use, or
// ErrLayout.
func Format(ctx context.Context, paths []string, root string, use func(Formatted) error) ([]diag.Diagnostic, error) {
	files, found, err := schema.Find(ctx, paths, root)
	if err != nil {
		return nil, fmt.Errorf("looking for manifests: %w", err)
	}
	named, err := realPaths(paths, root)
	if err != nil {
		return nil, fmt.Errorf("looking for manifests: %w", err)
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("formatting manifests: %w", err)
		}
		out := &yamltree.Diagnostics{File: file.Name}
		if leadsOut(file.Path, named) {
			out.WarnAt(0, 0, schema.CodeSymlink, "the link points outside the given paths, so fmt leaves the file as it is", "name the file itself")
			found = append(found, out.All()...)
			continue
		}
		data, _ := schema.ReadFile(out, file)
		if out.Errors() == 0 && schema.PassedOver(out, file, data) {
			found = append(found, out.All()...)
			continue
		}
		var after []byte
		if out.Errors() == 0 {
			after, err = format(out, data)
		}
		found = append(found, out.All()...)
		if err == nil && len(out.All()) == 0 {
			found = append(found, schema.CutTexts(file.Name, data)...)
			err = use(Formatted{file.Name, file.Path, data, after})
		}
		if err != nil {
			return found, fmt.Errorf("%s: %w", file.Name, err)
		}
	}
	diag.Sort(found)
	return found, nil
}

// FormatText formats one manifest that is not a file. If there is a diagnostic, the text is unchanged. The error is
// ErrLayout.
func FormatText(name string, data []byte) ([]byte, []diag.Diagnostic, error) {
	out := &yamltree.Diagnostics{File: name}
	if len(data) > yamltree.MaxFileSize {
		out.ErrorAt(0, 0, schema.CodeTooLarge, "the text is too large: "+yamltree.ErrTooLarge.Error(), "split it into several files")
		return data, out.All(), nil
	}
	after, err := format(out, data)
	return after, out.All(), err
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

// format returns data in the canonical layout, or data unchanged and the reason in out. The result was read again and
// means the same.
func format(out *yamltree.Diagnostics, data []byte) ([]byte, error) {
	text, ok := yamltree.CheckText(out, data)
	if !ok {
		return data, nil
	}
	before, err := formatDocuments(string(text))
	switch {
	case err != nil:
		yamltree.ReportSyntax(out, text, err)
		return data, nil
	case before.unsupported != nil:
		out.WarnAt(before.unsupported.line, before.unsupported.column, schema.CodeLayout, before.unsupported.message, before.unsupported.hint)
		return data, nil
	case before.text == strings.ReplaceAll(string(data), "\r\n", "\n"):
		return data, nil // at most the line ends differ, which are the checkout's affair
	}
	after, err := formatDocuments(before.text)
	if err != nil || !before.sameAs(after) || !schema.SameRefunds(text, []byte(before.text)) {
		return data, ErrLayout
	}
	return []byte(withLineEndsOf(text, before.text)), nil
}

// withLineEndsOf gives a text the line ends that another has in its first line.
func withLineEndsOf(other []byte, text string) string {
	if end := bytes.IndexByte(other, '\n'); end > 0 && other[end-1] == '\r' {
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// result is a text in the canonical layout, and what must not differ from the text that it was made from.
type result struct {
	text        string
	unsupported *unsupported
	values      []byte   // the whole tree, except places and the order of fields
	comments    []string // sorted
}

func formatDocuments(text string) (result, error) {
	f := newFormatter(text)
	var values []byte
	err := yamltree.Documents([]byte(text), func(root *yamltree.Node) {
		values = appendValues(values, root)
		if !yamltree.IsEmpty(root) || yamltree.HasProperties(root) {
			f.document(root)
		}
	})
	f.end()
	slices.Sort(f.comments)
	return result{f.out.String(), f.unsupported, values, f.comments}, err
}

// sameAs reports whether after, which was made from r's text, lost nothing and would not change again.
func (r result) sameAs(after result) bool {
	return after.unsupported == nil && after.text == r.text && bytes.Equal(r.values, after.values) && slices.Equal(r.comments, after.comments)
}

// appendValues encodes a tree so that two trees are equal if their bytes are.
func appendValues(to []byte, n *yamltree.Node) []byte {
	to = binary.AppendUvarint(to, uint64(n.Kind)<<32|uint64(n.Style))
	for _, text := range []string{n.Tag, n.Value, n.Anchor} {
		to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
	}
	to = binary.AppendUvarint(to, uint64(len(n.Content)))
	if n.Kind != yamltree.MappingNode {
		for _, c := range n.Content {
			to = appendValues(to, c)
		}
		return to
	}
	fields := make([][2]*yamltree.Node, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		fields = append(fields, [2]*yamltree.Node{n.Content[i], n.Content[i+1]})
	}
	slices.SortStableFunc(fields, func(a, b [2]*yamltree.Node) int { return cmp.Compare(a[0].Value, b[0].Value) })
	for _, f := range fields {
		to = appendValues(appendValues(to, f[0]), f[1])
	}
	return to
}
