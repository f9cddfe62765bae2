package local

import (
	"crypto/rand"
	"errors"
	"fmt"
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
// new one is on the disk. A symbolic link at path, and what is not a regular file, is refused.
func Replace(path string, data []byte) error { return ReplaceOn(System{}, path, data) }

// ReplaceOn is Replace on other file operations than the system's.
func ReplaceOn(on Folder, path string, data []byte) error {
	if err := regular(path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	dir := filepath.Dir(path)
	draft := filepath.Join(dir, "."+filepath.Base(path)+"."+rand.Text()+".tmp") // a rename stays within a file system
	f, err := on.Open(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err = fill(f, data); err == nil {
		err = on.Rename(draft, path)
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
