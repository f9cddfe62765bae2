package local

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Error is a failed file operation on a ledger, its folder or its lock. No event was confirmed that the file does
// not have.
type Error struct {
	Doing string // "writing the ledger"
	Path  string // of the file or folder
	Err   error  // why
}

// Error names the operation, the file and the reason.
func (e *Error) Error() string { return fmt.Sprintf("%s %s: %v", e.Doing, e.Path, e.Err) }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// opError returns an Error whose reason does not name the file a second time.
func opError(doing, path string, err error) error {
	var named *fs.PathError
	if errors.As(err, &named) && named.Path == path {
		err = named.Err
	}
	return &Error{doing, path, err}
}

// ErrSecondName says that the lock file is the ledger itself, under a second name.
var ErrSecondName = errors.New("it is the ledger itself under a second name")

// NoLocksError says that the file system has no locks, so that two runs could use the ledger at once.
type NoLocksError struct {
	Path string // of the file to be locked
	Err  error  // the system's error
}

// Error names the file and the system's error.
func (e *NoLocksError) Error() string {
	return fmt.Sprintf("the file system of %s does not support locks: %v", e.Path, e.Err)
}

// Unwrap returns the system's error.
func (e *NoLocksError) Unwrap() error { return e.Err }

// lockError returns the error of a lock call, as a *NoLocksError if the file system cannot lock at all. A failing
// disk (EIO) and an invalid call (EINVAL) are not that.
func lockError(path string, err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK) {
		return &NoLocksError{path, err}
	}
	return err
}
