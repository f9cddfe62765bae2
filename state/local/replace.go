package local

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is the file operations that replacing a file needs. Tests put faults behind it.
type Folder interface {
	Open(path string, flag int) (File, error)
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(path string) error
}

// Rename is os.Rename.
func (System) Rename(from, to string) error { return os.Rename(from, to) }

// Remove is os.Remove.
func (System) Remove(path string) error { return os.Remove(path) }

// Replace makes the file at path hold data, for its owner alone (mode 0600). Whatever fails and
// whenever the process dies, the file is the old one or the new one; when Replace returns nil, the
// new one is on the disk. A symbolic link is followed; what is no regular file is refused.
func Replace(path string, data []byte) error { return ReplaceOn(System{}, path, data) }

// Rewrite is Replace for a file that is there and may be written: it keeps its permissions. Where it
// does not hold before any more, it stays, and the error is ErrChanged.
func Rewrite(path string, before, after []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	now, err := io.ReadAll(f)
	switch {
	case err != nil:
		return fmt.Errorf("reading %s again: %w", path, err)
	case !bytes.Equal(now, before):
		return fmt.Errorf("writing %s: %w", path, ErrChanged)
	}
	return ReplaceOn(permitted{mode: info.Mode().Perm()}, path, after)
}

// permitted is System, with a mode for new files that no umask narrows.
type permitted struct {
	System
	mode fs.FileMode
}

// Open is System's, but for the mode.
func (p permitted) Open(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(p.mode); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, nil
}

// ReplaceOn is Replace on other file operations than the system's.
func ReplaceOn(on Folder, path string, data []byte) error {
	real, err := resolve(path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	dir := filepath.Dir(real)
	draft := filepath.Join(dir, "."+filepath.Base(real)+"."+rand.Text()+".tmp") // a rename stays within a file system
	f, err := on.Open(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err = fill(f, data); err == nil {
		err = on.Rename(draft, real)
	}
	if err != nil {
		_ = on.Remove(draft) // the error at hand says more
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := on.SyncDir(dir); err != nil {
		return fmt.Errorf("writing the folder of %s to the disk: %w", path, err)
	}
	return nil
}

// fill writes data to the disk and closes the file.
func fill(f File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
