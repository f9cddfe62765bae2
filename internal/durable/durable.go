// Package durable opens and writes the files that a person relies on: ledgers, manifests, saved plans,
// the configuration.
//
// A write puts a draft on the disk, gives it the file's name, and syncs the folder: whatever fails, and
// whenever the process dies, there is the old file or the new one. The package never follows a link that
// it was not asked to follow, and never opens a pipe or a device. The command line, manifest editing and
// the file backend of the ledger call it.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// These reasons come from no system call.
var (
	ErrNotRegular = errors.New("it is not a regular file")
	ErrLink       = errors.New("it is a symbolic link, which is not followed")
	ErrChanged    = errors.New("it was changed by another program")
)

// File is an open file.
type File interface {
	io.Reader
	io.Writer
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
	Close() error
}

// System is the operating system's file operations. Tests embed it and put faults in front of it.
type System struct{}

// Open is OpenFile.
func (System) Open(path string, flag int) (File, error) {
	f, err := OpenFile(path, flag)
	if err != nil {
		return nil, err // a nil *os.File in the interface would not be nil
	}
	return f, nil
}

// Stat is os.Lstat: a link that took the file's place is another file.
func (System) Stat(path string) (fs.FileInfo, error) { return os.Lstat(path) }

// Rename is os.Rename.
func (System) Rename(from, to string) error { return os.Rename(from, to) }

// Remove is os.Remove.
func (System) Remove(path string) error { return os.Remove(path) }

// SyncDir syncs the folder, so that the names in it are on the disk. Windows has no such call and needs
// none.
func (System) SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// OpenFile is os.OpenFile with mode 0600 for regular files only, and never through a link: anything else
// at path is an *fs.PathError with ErrLink or ErrNotRegular, and is not opened. So a committed link cannot
// redirect a write to another file, and a pipe cannot block a run.
func OpenFile(path string, flag int) (*os.File, error) {
	if err := Regular(path); err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	f, err := os.OpenFile(path, flag|NoFollow, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() { // it took the file's place a moment ago
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Regular returns ErrLink or ErrNotRegular if something other than a regular file is at path, and nil if
// nothing is there.
func Regular(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return reason(err)
	case info.Mode()&fs.ModeSymlink != 0:
		return ErrLink
	case !info.Mode().IsRegular():
		return ErrNotRegular
	}
	return nil
}

// Resolve returns the absolute path of the file itself, with every link on the way to it followed. The
// file need not exist, its folder must. A link to nothing is an error, and anything but a regular file is
// ErrNotRegular.
func Resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		return filepath.Join(dir, filepath.Base(path)), err
	case err != nil:
		return "", err
	case info.Mode()&fs.ModeSymlink != 0:
		if path, err = filepath.EvalSymlinks(path); err == nil {
			info, err = os.Lstat(path)
		}
		if err != nil {
			return "", err
		}
	}
	if !info.Mode().IsRegular() {
		return "", ErrNotRegular
	}
	path, err = filepath.EvalSymlinks(path)
	return path, err
}

// reason is the error without the path, which the caller names.
func reason(err error) error {
	var named *fs.PathError
	if errors.As(err, &named) {
		return named.Err
	}
	return err
}
