package schema

import (
	"crypto/sha256"

	"refundctl/schema/yamltree"
)

// Parse reads one manifest from memory, as Load reads it from a file. The places in it use name.
func Parse(name string, data []byte, opts Options) Result {
	m := newManifest(name, opts.Accounts)
	m.sum = sha256.Sum256(data)
	m.read(data)
	return merge([]*manifestFile{m}, nil)
}

// Fits reports whether a manifest is small enough to be read.
func Fits(data []byte) bool {
	if len(data) > yamltree.MaxFileSize {
		return false
	}
	_, ok := yamltree.CheckText(&yamltree.Diagnostics{}, data)
	return ok
}
