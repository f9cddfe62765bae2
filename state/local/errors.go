package local

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Error is a file operation on a ledger, its folder or its lock that failed. Nothing was promised that
// the file does not hold.
type Error struct {
	Doing string // "writing the ledger"
	Path  string // of the file or folder at hand
	Err   error  // why
}

// Error names the operation, the file and the reason.
func (e *Error) Error() string { return fmt.Sprintf("%s %s: %v", e.Doing, e.Path, e.Err) }

// Unwrap is the reason.
func (e *Error) Unwrap() error { return e.Err }

// failed is an Error whose reason does not name the file a second time.
func opError(doing, path string, err error) error {
	var named *fs.PathError
	if errors.As(err, &named) && named.Path == path {
		err = named.Err
	}
	return &Error{doing, path, err}
}

// ErrSecondName is the reason for a lock that is the ledger itself, under a second name.
var ErrSecondName = errors.New("it is the ledger itself under a second name")

// NoLocksError says that the file system keeps no locks, so that nothing would keep two runs apart.
type NoLocksError struct {
	Path string // of the file to be locked
	Err  error  // what the system answered
}

// Error names the file and the answer.
func (e *NoLocksError) Error() string {
	return fmt.Sprintf("the file system of %s offers no locks: %v", e.Path, e.Err)
}

// Unwrap is the system's answer.
func (e *NoLocksError) Unwrap() error { return e.Err }

// unlockable is the error of a lock call, a *NoLocksError if the file system cannot lock at all. A disk
// that fails (EIO) and a call that makes no sense (EINVAL) are not that.
func lockError(path string, err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK) {
		return &NoLocksError{path, err}
	}
	return err
}
