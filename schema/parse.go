package schema

import (
	"bytes"
	"slices"

	"refundctl/internal/diag"
	"refundctl/schema/yamltree"
)

// Parse reads one manifest from memory, as Load reads it from a file. The places in it use name.
func Parse(name string, data []byte, opts Options) Result {
	m := newManifest(name, opts.Accounts)
	m.sum = sumOf(data)
	m.read(data)
	return merge([]*manifestFile{m}, nil)
}

// CutTexts returns the warnings of a manifest about texts that a # cuts in two.
func CutTexts(name string, data []byte) []diag.Diagnostic {
	if !bytes.Contains(data, []byte(" #")) && !bytes.Contains(data, []byte("\t#")) {
		return nil
	}
	return slices.DeleteFunc(Parse(name, data, Options{}).Diagnostics, func(d diag.Diagnostic) bool { return d.Code != CodeCut })
}

// Fits reports whether a manifest is small enough to be read.
func Fits(data []byte) bool {
	if len(data) > yamltree.MaxFileSize {
		return false
	}
	_, ok := yamltree.CheckText(&yamltree.Diagnostics{}, data)
	return ok
}
