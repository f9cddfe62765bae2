package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"refundctl/internal/durable"
)

// memory returns the project's folder for files that may be deleted. It creates the folder if needed.
func (p *project) memory() (string, error) { return localFolder(p.root) }

// localFolder is memory for a project at root. It fails if a link is in its place, which would put files where
// nobody looks for them.
func localFolder(root string) (string, error) {
	dir := filepath.Join(root, ".refundctl")
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return "", fail(ExitError, "delete it; refundctl creates a folder in its place", "%s is not a folder", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fail(ExitError, "make the project's folder writable; check its owner and mode", "creating the folder .refundctl: %v", err)
	}
	return dir, nil
}

// plainFile fails if a link, a pipe or a device is in the place of a file in the project's memory.
func plainFile(path string) error {
	f, err := durable.OpenFile(path, os.O_RDONLY)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, durable.ErrLink), errors.Is(err, durable.ErrNotRegular):
		return fail(ExitError, "delete it; refundctl creates it again", "%v", err)
	}
	return fail(ExitError, "make it readable and writable; check its owner and mode", "%v", err)
}

// readPlain is os.ReadFile for regular files only.
func readPlain(path string) ([]byte, error) {
	f, err := durable.OpenFile(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
