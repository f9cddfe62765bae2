// Package cli is the command line: it finds the project, wires files, ledger, API and views
// together, asks, and turns what happened into an exit code.
//
// It holds no rule about money; those are in schema, plan, apply and state. main calls it.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"

	"refundctl/internal/view"
)

// Streams is what a command talks through: the process's own, or a test's.
type Streams struct {
	In       io.Reader
	Out      io.Writer
	Err      io.Writer
	Env      func(string) string
	Environ  func() []string // as os.Environ; nil: what is misspelt there goes unnoticed
	Clock    func() time.Time
	Terminal func() (io.ReadWriteCloser, error) // where a question is put and answered; an error if nobody can be asked
	OutWidth int                                // columns of Out where it is a terminal, else 0
	ErrWidth int
}

// System is the process's own streams. A command is short and holds little: fewer collections cost
// memory that nobody misses, and a fifth of its time is gone. GOGC still has the last word.
func System() Streams {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
	return Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Getenv, Environ: os.Environ, Clock: time.Now,
		Terminal: openTerminal, OutWidth: width(os.Stdout), ErrWidth: width(os.Stderr),
	}
}

func width(f *os.File) int {
	if !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil || w <= 0 {
		return 80
	}
	return w
}

// Main runs one command and returns the process's exit code.
func Main(args []string, s Streams) int {
	ctx, stop := interruptible()
	defer stop()
	a := &app{Streams: s}
	if a.secrets = a.findSecrets(); len(a.secrets) > 0 {
		out, below := a.secrets.unsaid(s.Out), a.secrets.unsaid(s.Err)
		defer out.flush()
		defer below.flush()
		s.Out, s.Err = out, below
		a.Streams = s
	}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	code := ExitOK
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = a.noHelp
	}
	if err != nil {
		f := explain(err)
		if !f.silent {
			a.complain(f, asksForJSON(args))
		}
		code = f.code
	}
	a.tellGitHub(code)
	return int(code)
}

// complain tells of a failure on stderr, as text or as one JSON object.
func (a *app) complain(f *failure, asJSON bool) {
	e := view.Failure{Code: int(f.code), Class: exitInfo(f.code).Class, Message: f.message, Hint: f.hint}
	if asJSON {
		_ = view.FailureJSON(a.Err, e) // nobody is left to tell
		return
	}
	_ = view.FailureText(a.Err, e, a.errStyle())
}

// interruptible ends the context at the first signal (R12). The second one finds the system's own
// handling again and ends the process at once. A broken pipe ends nothing.
func interruptible() (context.Context, func()) {
	signal.Ignore(syscall.SIGPIPE)
	wanted := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		wanted = append(wanted, syscall.SIGHUP)
	}
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, wanted...)
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		select {
		case <-caught:
			cancel(errInterrupted)
			signal.Reset(wanted...)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(errors.New("done")); signal.Stop(caught) }
}

func (a *app) outStyle() view.Style { return a.style(a.OutWidth) }
func (a *app) errStyle() view.Style { return a.style(a.ErrWidth) }

func (a *app) style(width int) view.Style {
	if width == 0 {
		return view.Style{Width: unbroken}
	}
	plain := a.noColor || a.Env("NO_COLOR") != "" || a.Env("TERM") == "dumb"
	return view.Style{Color: !plain, Width: width}
}

// unbroken is the width of what is no terminal: a sentence stays on one line, for grep and for logs.
const unbroken = 1 << 16
