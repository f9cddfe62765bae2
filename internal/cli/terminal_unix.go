//go:build unix

package cli

import (
	"errors"
	"io"
	"os"
)

func openConsole() (io.ReadWriteCloser, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if err := forgetTyped(int(tty.Fd())); err != nil {
		return nil, errors.Join(err, tty.Close())
	}
	return tty, nil
}
