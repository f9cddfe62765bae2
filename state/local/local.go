// Package local keeps a ledger in a file, with a lock file next to it.
//
// It only appends, and never reports an append that is not on the disk. It never deletes the lock file, never
// follows the ledger's name to another file while it is open, and knows nothing about events. The command
// line creates a Ledger and passes it to state.Open and state.Load.
package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"refundctl/internal/durable"
	"refundctl/state"
)

// Ledger is the backend of one file. It is for one session, or for readers.
type Ledger struct {
	path string
	disk Disk
	file durable.File // open for appending from the first Append on
}

// New returns the ledger at path. The file may not exist yet; its folder must. A symbolic link is followed now,
// so that all names of a file share one lock. Anything but a regular file is refused.
func New(path string) (*Ledger, error) { return NewOn(durable.System{}, path) }

// NewOn is New with other file operations than the system's.
func NewOn(disk Disk, path string) (*Ledger, error) {
	real, err := durable.Resolve(path)
	if err != nil {
		return nil, opError("opening the ledger", path, err)
	}
	return &Ledger{path: real, disk: disk}, nil
}

// Notices returns a notice if users other than the owner may read the ledger, which contains amounts and ids.
func (l *Ledger) Notices() ([]state.Notice, error) {
	info, err := l.disk.Stat(l.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, opError("looking at the ledger", l.path, err)
	case info.Mode().Perm()&0o077 == 0, runtime.GOOS == "windows": // these bits mean nothing there
		return nil, nil
	}
	return []state.Notice{{Kind: state.OpenToAll, Mode: uint32(info.Mode().Perm())}}, nil
}

// Read returns the file's bytes; none if there is no file.
func (l *Ledger) Read(context.Context) (io.ReadCloser, error) {
	f, err := l.disk.Open(l.path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, opError("opening the ledger", l.path, err)
	}
	return reading{f, l.path}, nil
}

// reading adds the file's name to the errors of its reads.
type reading struct {
	io.ReadCloser
	path string
}

// Read is the file's Read.
func (r reading) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = opError("reading the ledger", r.path, err)
	}
	return n, err
}

// Append writes p in one piece after the first size bytes and syncs the file. The first Append also syncs the
// folder, because this run, or one that died before it could sync, may have created the file. Append fails if
// the file at the path has another size or was replaced, so that a checkout during an apply cannot swallow
// events.
func (l *Ledger) Append(size int64, p []byte) error {
	first := l.file == nil
	if err := l.open(); err != nil {
		return opError("opening the ledger", l.path, err)
	}
	if err := l.check(size); err != nil {
		return err
	}
	if _, err := l.file.Write(p); err != nil {
		return opError("writing the ledger", l.path, err)
	}
	if err := l.file.Sync(); err != nil {
		return opError("syncing the ledger", l.path, err)
	}
	if first {
		if err := l.disk.SyncDir(filepath.Dir(l.path)); err != nil {
			return opError("syncing the ledger's folder", filepath.Dir(l.path), err)
		}
	}
	return l.check(size + int64(len(p)))
}

func (l *Ledger) open() error {
	if l.file != nil {
		return nil
	}
	f, err := l.disk.Open(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE)
	if err == nil {
		l.file = f
	}
	return err
}

func (l *Ledger) check(size int64) error {
	mine, err := l.file.Stat()
	if err != nil {
		return opError("looking at the ledger", l.path, err)
	}
	there, err := l.disk.Stat(l.path)
	if err != nil {
		return opError("looking at the ledger", l.path, err)
	}
	if !os.SameFile(mine, there) || there.Size() != size {
		return opError("appending to the ledger", l.path, durable.ErrChanged)
	}
	return nil
}

// Truncate cuts the file after the first size bytes and syncs it.
func (l *Ledger) Truncate(size int64) error {
	f, err := l.disk.Open(l.path, os.O_WRONLY)
	if err != nil {
		return opError("opening the ledger", l.path, err)
	}
	err = f.Truncate(size)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return opError("dropping the ledger's torn tail", l.path, err)
	}
	return nil
}

// close closes the file when the lock is released.
func (l *Ledger) close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
