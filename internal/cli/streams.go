package cli

import (
	"errors"
	"io"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"refundctl/internal/view"
	"refundctl/state"
)

// pipe is a stream whose reader may go away. That is not an error (R12): the command goes on, and its exit
// code reports the result.
type pipe struct {
	io.Writer
	gone   atomic.Bool
	failed atomic.Pointer[error] // the first error other than that
}

// failure returns the first error of Write. Help and other texts that cobra prints ignore it.
func (p *pipe) failure() error {
	if first := p.failed.Load(); first != nil {
		return *first
	}
	return nil
}

// Write returns every error except a broken pipe.
func (p *pipe) Write(text []byte) (int, error) {
	if p.gone.Load() {
		return len(text), nil
	}
	n, err := p.Writer.Write(text)
	if errors.Is(err, syscall.EPIPE) {
		p.gone.Store(true)
		return len(text), nil
	}
	if err != nil {
		p.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// streams shows progress below everything that a command writes. It shows none if the command prints JSON to
// the same terminal.
func (a *app) streams(c *cobra.Command) {
	below := a.Err
	if a.jsonLines && a.ErrWidth == 0 {
		below = remarks{a.Err, "progress"}
	}
	if a.OutWidth > 0 && (asked(c, "json", "true") || asked(c, "format", "json")) {
		below = io.Discard
	}
	interval := 10 * time.Second
	if c.Name() == "follow" || c.Name() == "reconcile" { // they may take hours
		interval = 5 * time.Minute
	}
	a.line = view.NewLine(below, view.WatchOptions{
		Style: a.errStyle(), Terminal: a.ErrWidth > 0 && a.Env("TERM") != "dumb", Clock: a.Clock, Interval: interval})
	a.Out, a.Err = a.line.Over(a.Out), a.line.Over(&pipe{Writer: a.Err})
}

// asked reports whether a flag has this value.
func asked(c *cobra.Command, flag, value string) bool {
	f := c.Flags().Lookup(flag)
	return f != nil && f.Value.String() == value
}

// waitsForLock prints who holds the lock and until when the command waits.
func (a *app) waitsForLock(e *state.LockedError, until time.Time) {
	_ = a.say(func(w io.Writer, s view.Style) error { return view.Waiting(w, heldBy(e), until, a.Clock(), s) })
}
