package local

import (
	"io"
	"io/fs"
	"os"
	"runtime"
)

// Disk is the file operations that a ledger needs. Tests put faults and crashes behind it.
type Disk interface {
	// Open opens with the flags of package os; a new file is for its owner alone (mode 0600).
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

// Open is os.OpenFile with mode 0600.
func (System) Open(path string, flag int) (File, error) {
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		return nil, err // a nil *os.File in the interface would not be nil
	}
	return f, nil
}

// Stat is os.Stat.
func (System) Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

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
