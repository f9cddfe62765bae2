// Package task starts the program's goroutines. A panic in one of them becomes an error, so that the run stops in
// an orderly way: answers in flight are recorded, the lock is released, and a person learns what to do.
//
// No other package has a go statement. Crashes that no program can catch, such as a lack of memory, stay crashes.
package task

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Crash is the error of code that panicked.
type Crash struct {
	Value any    // what it panicked with
	Place string // file and line in this program, such as refundctl/apply/send.go:88; may be empty
	Stack []byte // of the goroutine
}

// Error says what happened and where, without the stack.
func (c *Crash) Error() string {
	text := fmt.Sprintf("internal error: %v", c.Value)
	if c.Place != "" {
		text += " (" + c.Place + ")"
	}
	return text
}

// Unwrap returns the value if it is an error.
func (c *Crash) Unwrap() error {
	err, _ := c.Value.(error)
	return err
}

// Call returns the error of f, or a *Crash if f panics.
func Call(f func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Crash{Value: value, Place: place(), Stack: debug.Stack()}
		}
	}()
	return f()
}

// Go calls f in a new goroutine, and then done with its error, which is a *Crash if f panicked.
func Go(f func() error, done func(error)) {
	go func() { done(Call(f)) }()
}

// AfterDone calls f in a new goroutine when ctx is done. A panic in f is lost: what f does must not matter to the
// run. stop is that of context.AfterFunc.
func AfterDone(ctx context.Context, f func()) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = Call(func() error { f(); return nil }) })
}

// Group is an errgroup.Group in which a panic is an error.
type Group struct{ *errgroup.Group }

// New returns a Group without a context.
func New() Group { return Group{new(errgroup.Group)} }

// WithContext returns a Group, and a context that ends with its first error.
func WithContext(ctx context.Context) (Group, context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	return Group{group}, ctx
}

// Go calls f in a goroutine of the group.
func (g Group) Go(f func() error) {
	g.Group.Go(func() error { return Call(f) })
}

// place returns the innermost line of this program, apart from this package, in the stack that panicked.
func place() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for panicked := false; ; {
		frame, more := frames.Next()
		_, name, ours := strings.Cut(frame.File, "refundctl/")
		switch {
		case frame.Function == "runtime.gopanic":
			panicked = true
		case panicked && ours && !strings.HasPrefix(frame.Function, "refundctl/internal/task."):
			return fmt.Sprintf("%s:%d", name, frame.Line)
		}
		if !more {
			return ""
		}
	}
}
