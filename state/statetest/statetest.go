// Package statetest has the test suite that every state.Backend passes, and a disk in memory that can be made
// to crash and to fail.
//
// It is for the tests of the backends, of state, and of the packages that write a ledger.
package statetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"refundctl/state"
)

// Run checks the promises of a backend. newPair returns two backends on the same new and empty ledger, as two
// processes would have them.
func Run(t *testing.T, newPair func(t *testing.T) (a, b state.Backend)) {
	tests := map[string]func(t *testing.T, a, b state.Backend){
		"a ledger that was never written is empty": empty,
		"every backend reads what was appended":    appended,
		"an append with the wrong size fails":      sized,
		"truncating keeps the beginning":           truncated,
		"R14 the lock has one holder":              exclusive,
		"R14 a released lock can be taken":         released,
		"R14 a session excludes another":           sessions,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := newPair(t)
			test(t, a, b)
		})
	}
}

func holder() state.Holder {
	return state.Holder{Actor: "asha", Host: "till-7", PID: 4711, Command: "apply"}
}

func content(t *testing.T, b state.Backend) string {
	t.Helper()
	r, err := b.Read(context.Background())
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	defer r.Close()
	var text bytes.Buffer
	if _, err := io.Copy(&text, r); err != nil {
		t.Fatalf("reading: %v", err)
	}
	return text.String()
}

func lock(t *testing.T, b state.Backend) func() {
	t.Helper()
	unlock, err := b.Lock(context.Background(), holder())
	if err != nil {
		t.Fatalf("locking: %v", err)
	}
	return func() {
		if err := unlock(); err != nil {
			t.Errorf("unlocking: %v", err)
		}
	}
}

func put(t *testing.T, b state.Backend, size int64, text string) {
	t.Helper()
	if err := b.Append(size, []byte(text)); err != nil {
		t.Fatalf("appending: %v", err)
	}
}

func want(t *testing.T, b state.Backend, text string) {
	t.Helper()
	if got := content(t, b); got != text {
		t.Errorf("the ledger contains %q, want %q", got, text)
	}
}

func empty(t *testing.T, a, _ state.Backend) { want(t, a, "") }

func appended(t *testing.T, a, b state.Backend) {
	defer lock(t, a)()
	put(t, a, 0, "one\n")
	put(t, a, 4, "two\nthree\n")
	want(t, a, "one\ntwo\nthree\n")
	want(t, b, "one\ntwo\nthree\n")
}

func sized(t *testing.T, a, b state.Backend) {
	defer lock(t, a)()
	put(t, a, 0, "one\n")
	for _, size := range []int64{0, 3, 5} {
		if err := a.Append(size, []byte("two\n")); err == nil {
			t.Errorf("an append at %d was accepted, but the size is 4", size)
		}
	}
	want(t, b, "one\n")
}

func truncated(t *testing.T, a, b state.Backend) {
	defer lock(t, a)()
	put(t, a, 0, "one\ntwo")
	if err := a.Truncate(4); err != nil {
		t.Fatalf("truncating: %v", err)
	}
	want(t, b, "one\n")
	put(t, a, 4, "three\n")
	want(t, b, "one\nthree\n")
}

func exclusive(t *testing.T, a, b state.Backend) {
	defer lock(t, a)()
	_, err := b.Lock(context.Background(), state.Holder{Actor: "ravi"})
	var locked *state.LockedError
	if !errors.As(err, &locked) || locked.Holder != holder() {
		t.Errorf("the second lock returned %v, want the holder of the first", err)
	}
}

func released(t *testing.T, a, b state.Backend) {
	lock(t, a)()
	lock(t, b)()
	lock(t, a)()
}
