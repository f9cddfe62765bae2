package local

import (
	"errors"
	"fmt"
	"io/fs"
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
func failed(doing, path string, err error) error {
	var named *fs.PathError
	if errors.As(err, &named) && named.Path == path {
		err = named.Err
	}
	return &Error{doing, path, err}
}

// ErrNotRegular and ErrChanged are the reasons that no system call gives.
var (
	ErrNotRegular = errors.New("it is not a regular file")
	ErrChanged    = errors.New("it was changed by another program")
)
