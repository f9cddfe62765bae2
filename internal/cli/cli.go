// Package cli is the command line. It finds the project, connects files, ledger, API and views, asks for
// approval, and turns the result into an exit code.
//
// It contains no rule about money; those are in schema, plan, apply and state. main calls it.
package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"refundctl/internal/task"
	"refundctl/internal/view"
)

// Streams connect a command to its surroundings: those of the process, or those of a test.
type Streams struct {
	In       io.Reader
	Out      io.Writer
	Err      io.Writer
	Env      func(string) string
	Environ  func() []string // like os.Environ; if nil, misspelt variables are not noticed
	Clock    func() time.Time
	Terminal func() (io.ReadWriteCloser, error) // where a question is asked and answered; an error if nobody can be asked
	OutWidth int                                // columns of Out if it is a terminal, else 0
	ErrWidth int
}

// System returns the streams of the process. A command is short and uses little memory: with fewer
// garbage collections it takes a fifth less time. GOGC overrides that.
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
	a := &app{Streams: s, reader: &pipe{Writer: s.Out}}
	s.Out = a.reader
	a.Streams = s
	if a.secrets = a.findSecrets(); len(a.secrets) > 0 {
		out, below := a.secrets.redactor(s.Out), a.secrets.redactor(s.Err)
		defer out.flush()
		defer below.flush()
		s.Out, s.Err = out, below
		a.Streams = s
	}
	a.jsonLines = asksForJSON(args)
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	code := ExitOK
	var ran *cobra.Command
	err := task.Call(func() (err error) { ran, err = root.ExecuteContextC(ctx); return err })
	if err == nil {
		err = cmp.Or(a.noHelp, a.reader.failure())
	}
	if err != nil {
		if ran != nil {
			a.running = ran
		}
		f := explain(err)
		code = f.code
		if f.silent && (a.jsonLines || code == ExitUnreachable) {
			f = a.aloud(f)
		}
		if !f.silent {
			a.complain(f, a.jsonLines)
		}
	}
	a.rememberEnd(code)
	a.reportToGitHub(code)
	return int(code)
}

// complain prints a failure on stderr, as text or as one JSON object.
func (a *app) complain(f *failure, asJSON bool) {
	if f.crash != nil && a.verbose {
		_ = a.note("%s", view.Escape(string(f.crash.Stack)))
	}
	e := view.Failure{Code: int(f.code), Class: exitInfo(f.code).Class, Message: f.message, Hint: f.hint, RequestID: f.requestID}
	if asJSON {
		e.Hint = a.copied(e.Hint)
		_ = view.FailureJSON(a.Err, e) // there is nowhere left to report it
		return
	}
	_ = view.FailureText(a.Err, e, a.errStyle())
}

// interruptible cancels the context at the first signal (R12). The second one has its default effect and
// ends the process at once. A broken pipe ends nothing.
//
// The default effect of SIGQUIT is a Go trace and exit code 2, which means something else here: it ends the
// process as SIGTERM does.
func interruptible() (context.Context, func()) {
	signal.Ignore(syscall.SIGPIPE)
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, signals...)
	ctx, cancel := context.WithCancelCause(context.Background())
	task.Go(func() error {
		select {
		case <-caught:
			cancel(errInterrupted)
			signal.Reset(signals...)
			signal.Notify(caught, syscall.SIGQUIT)
		case <-ctx.Done():
			return nil
		}
		<-caught
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		return self.Signal(syscall.SIGTERM) // where it cannot be sent, SIGQUIT does not exist
	}, func(error) {})
	return ctx, func() { cancel(errors.New("done")); signal.Stop(caught) }
}

func (a *app) outStyle() view.Style { return a.style(a.OutWidth) }
func (a *app) errStyle() view.Style { return a.style(a.ErrWidth) }

func (a *app) style(width int) view.Style {
	if width == 0 {
		return view.Style{Width: unbroken, Commands: a.copyable}
	}
	plain := a.noColor || a.Env("NO_COLOR") != "" || a.Env("TERM") == "dumb"
	return view.Style{Color: !plain, Width: width, Commands: a.copyable}
}

// unbroken is the width if the output is not a terminal: a sentence stays on one line, for grep and logs.
const unbroken = 1 << 16
