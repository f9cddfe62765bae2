package cli

import (
	"errors"
	"io"
	"os"

	"golang.org/x/term"
)

var errNoTerminal = errors.New("standard input is not a terminal")

// openTerminal opens the terminal that the program was started from, for a question and its answer. A
// question on standard error may end in a file, and an answer on standard input may come from one: both
// go through the terminal itself. What was typed before is thrown away, since it answers nothing. It
// fails if nobody sits there.
func openTerminal() (io.ReadWriteCloser, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil, errNoTerminal
	}
	return openConsole()
}
