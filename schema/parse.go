package schema

import "crypto/sha256"

// Parse reads one manifest from memory, as Load reads it from a file. name stands in its places.
func Parse(name string, data []byte, opts Options) Result {
	m := newManifest(name, opts.Accounts)
	m.sum = sha256.Sum256(data)
	m.read(data)
	return merge([]*manifestFile{m}, nil)
}

// Fits tells whether a manifest is small enough to be read.
func Fits(data []byte) bool {
	if len(data) > MaxFileSize {
		return false
	}
	_, ok := legible(&sink{}, data)
	return ok
}
