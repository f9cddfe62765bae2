package cli

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// console holds the input and output of a Windows terminal.
type console struct{ in, out *os.File }

// Read reads what is typed.
func (c console) Read(p []byte) (int, error) { return c.in.Read(p) }

// Write shows text.
func (c console) Write(p []byte) (int, error) { return c.out.Write(p) }

// Close closes both halves.
func (c console) Close() error { return errors.Join(c.in.Close(), c.out.Close()) }

func openConsole() (io.ReadWriteCloser, error) {
	in, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	c := console{in, out}
	if err := windows.FlushConsoleInputBuffer(windows.Handle(in.Fd())); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}
