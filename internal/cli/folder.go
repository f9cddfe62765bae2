package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"refundctl/internal/durable"
)

// memory is the project's folder for what may be deleted, made if it is not there.
func (p *project) memory() (string, error) { return localFolder(p.root) }

// localFolder is memory for a project at root. A link in its place is refused: it would put files where
// nobody looks for them.
func localFolder(root string) (string, error) {
	dir := filepath.Join(root, ".refundctl")
	if info, err := os.Lstat(dir); err == nil && !info.IsDir() {
		return "", fail(ExitError, "delete it; refundctl makes a folder in its place", "%s is not a folder", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fail(ExitError, "make the project's folder writable; see its owner and mode", "making the folder .refundctl: %v", err)
	}
	return dir, nil
}

// plainFile refuses a link, a pipe or a device where a file of the project's memory is or will be.
func plainFile(path string) error {
	f, err := durable.OpenFile(path, os.O_RDONLY)
	switch {
	case err == nil:
		return f.Close()
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, durable.ErrLink), errors.Is(err, durable.ErrNotRegular):
		return fail(ExitError, "delete it; refundctl makes it again", "%v", err)
	}
	return fail(ExitError, "make it readable and writable; see its owner and mode", "%v", err)
}

// readPlain is os.ReadFile for a regular file alone.
func readPlain(path string) ([]byte, error) {
	f, err := durable.OpenFile(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
