package cli

import (
	"errors"
	"io"
	"os"

	"golang.org/x/term"
)

var errNoTerminal = errors.New("standard input is not a terminal")

// openTerminal opens the terminal that the program was started from, for a question and its answer. Standard
// error may go to a file and standard input may come from one, so both go through the terminal itself. It
// discards what was typed before the question. It fails if there is no terminal.
func openTerminal() (io.ReadWriteCloser, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil, errNoTerminal
	}
	return openConsole()
}
