package task_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"refundctl/internal/task"
)

func TestAPanicIsAnError(t *testing.T) {
	boom := func() error { panic("boom") }
	done := make(chan error)
	task.Go(boom, func(err error) { done <- err })
	group, ctx := task.WithContext(t.Context())
	group.Go(boom)
	for name, err := range map[string]error{"Call": task.Call(boom), "Go": <-done, "Group": group.Wait()} {
		var crash *task.Crash
		if !errors.As(err, &crash) || crash.Value != "boom" || !strings.Contains(string(crash.Stack), "task_test.go") {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasPrefix(err.Error(), "internal error: boom") || strings.Contains(err.Error(), "goroutine") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if ctx.Err() == nil {
		t.Error("the group goes on")
	}
}

func TestAnErrorStaysWhatItIs(t *testing.T) {
	if err := task.Call(func() error { return io.EOF }); err != io.EOF {
		t.Errorf("%v", err)
	}
	if err := task.Call(func() error { panic(io.EOF) }); !errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
	var none map[string]int
	if err := task.Call(func() error { none["x"] = 1; return nil }); !strings.Contains(err.Error(), "nil map") {
		t.Errorf("%v", err)
	}
}

func TestWhatRunsAfterAContextMayPanic(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	called := make(chan bool)
	task.AfterDone(ctx, func() { close(called); panic("boom") })
	cancel()
	<-called
}
