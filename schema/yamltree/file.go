package yamltree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// MaxFileSize is the size in bytes of the largest file that is read.
const MaxFileSize = 64 << 20

// ErrTooLarge is returned for a file of more than MaxFileSize.
var ErrTooLarge = fmt.Errorf("it is larger than %d MiB", MaxFileSize>>20)

// ReadFile reads a regular file of at most MaxFileSize. It never waits for pipes or devices.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > MaxFileSize:
		return nil, ErrTooLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(f, MaxFileSize+1)); err != nil {
		return nil, err
	}
	if data.Len() > MaxFileSize {
		return nil, ErrTooLarge
	}
	return data.Bytes(), nil
}
