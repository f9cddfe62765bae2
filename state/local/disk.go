package local

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
)

// Disk is the file operations that a ledger needs. Tests put faults and crashes behind it.
type Disk interface {
	// Open opens a regular file, never through a link, with the flags of package os; a new file is for
	// its owner alone (mode 0600).
	Open(path string, flag int) (File, error)
	Stat(path string) (fs.FileInfo, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(path string) error
}

// File is an open file.
type File interface {
	io.Reader
	io.Writer
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
	Close() error
}

// System is the operating system's Disk.
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

// OpenFile is os.OpenFile with mode 0600 for a regular file alone, and never through a link: anything
// else at path is an *fs.PathError with ErrLink or ErrNotRegular, and nothing of it is opened. So a
// committed link makes no run write a file that it does not name, and a pipe makes none wait.
func OpenFile(path string, flag int) (*os.File, error) {
	if err := regular(path); err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	f, err := os.OpenFile(path, flag|straight, 0o600)
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

// regular returns ErrLink or ErrNotRegular for what is there and is not a regular file.
func regular(path string) error {
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

// SyncDir syncs the folder. Windows has no such call and needs none.
func (System) SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}
