package durable

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

// Folder has the file operations that replacing a file needs.
type Folder interface {
	Open(path string, flag int) (File, error)
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(path string) error
}

// Replace makes data the content of the file at path, readable by its owner only (mode 0600). Whatever
// fails and whenever the process dies, the file is the old one or the new one; when Replace returns nil,
// the new one is on the disk. It refuses a symbolic link at path, and anything but a regular file.
func Replace(path string, data []byte) error { return replace(System{}, path, data) }

func replace(on Folder, path string, data []byte) error {
	if err := Regular(path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	dir := filepath.Dir(path)
	draft := filepath.Join(dir, draftName(filepath.Base(path))) // a rename stays within a file system
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

// draftName returns a name for a draft of the file. .gitignore and the loading of manifests ignore such names.
func draftName(base string) string { return "." + base + "." + rand.Text() + ".tmp" }

// fill writes data to the disk and closes the file.
func fill(f File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Rewrite replaces before by after in the file at path. If the file no longer contains before, it fails
// with ErrChanged and changes nothing. It keeps the file's mode, refuses a file that may not be written,
// and follows a symbolic link, as the reader of before did. Otherwise it is Replace.
func Rewrite(path string, before, after []byte) error {
	real, err := Resolve(path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	f, err := OpenFile(real, os.O_RDWR)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return replace(rewriting{System{}, info.Mode().Perm(), before}, real, after)
}

// rewriting is a folder that gives a draft a mode, and the file's name only while the file contains before.
type rewriting struct {
	Folder
	mode   fs.FileMode
	before []byte
}

// Open gives the draft its mode, whatever the umask.
func (r rewriting) Open(name string, flag int) (File, error) {
	f, err := r.Folder.Open(name, flag)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, r.mode); err != nil {
		return nil, errors.Join(err, f.Close(), r.Remove(name))
	}
	return f, nil
}

// Rename compares the content at the last moment: an editor does not take the lock of manifests.
func (r rewriting) Rename(from, to string) error {
	f, err := OpenFile(to, os.O_RDONLY)
	if err != nil {
		return err
	}
	now, err := io.ReadAll(io.LimitReader(f, int64(len(r.before))+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if !bytes.Equal(now, r.before) {
		return ErrChanged
	}
	return r.Folder.Rename(from, to)
}
