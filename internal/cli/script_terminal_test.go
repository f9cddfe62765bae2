package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// bound is the timeout for a program that waits for an answer without a question.
const bound = 30 * time.Second

// asks matches the end of a question.
var asks = regexp.MustCompile(`Type [^:]*: ?$`)

// onTerminal is the command `terminal [-early FILE] [-stdin FILE] ANSWER PROGRAM ARGS...` of the
// scripts: it runs the program at a terminal, types the file ANSWER when a question appears, and exits as the program
// does. The file tty has what the terminal showed. With -early, that file is typed before the program starts; with
// -stdin, that file is the program's standard input, in addition to the terminal.
func onTerminal() {
	args, files := os.Args[1:], map[string]string{}
	for len(args) > 2 && strings.HasPrefix(args[0], "-") {
		files[args[0]], args = text(args[1]), args[2:]
	}
	answer := text(args[0])
	screen, tty, err := pty.Open()
	check(err)
	_, err = screen.WriteString(files["-early"])
	check(err)
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[1], args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, os.Stdout, os.Stderr
	if input, given := files["-stdin"]; given {
		cmd.Stdin = strings.NewReader(input)
	}
	cmd.ExtraFiles = []*os.File{tty}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	check(cmd.Start())
	check(tty.Close())
	shown := make(chan []byte)
	go func() { shown <- watch(screen, answer) }()
	err = cmd.Wait()
	check(os.WriteFile("tty", <-shown, 0o600))
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		os.Exit(ended.ExitCode())
	}
	check(err)
}

// watch reads the terminal until the program exits, and answers the first question.
func watch(screen *os.File, answer string) []byte {
	var shown []byte
	chunk := make([]byte, 1024)
	for {
		n, err := screen.Read(chunk)
		shown = append(shown, chunk[:n]...)
		if err != nil { // the program exited, and the terminal closed
			return bytes.ReplaceAll(shown, []byte("\r\n"), []byte("\n"))
		}
		if answer != "" && asks.Match(shown) {
			_, err = screen.WriteString(answer)
			check(err)
			answer = ""
		}
	}
}

func text(file string) string {
	b, err := os.ReadFile(file)
	check(err)
	return string(b)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "terminal:", err)
		os.Exit(125)
	}
}
