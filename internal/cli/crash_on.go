//go:build crashpoints

package cli

import (
	"context"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"refundctl/apply"
	"refundctl/internal/durable"
	"refundctl/internal/refund"
	"refundctl/state"
	"refundctl/state/local"
)

// crasher kills the process with SIGKILL when it reaches a named point for the N-th time, as in
// REFUNDCTL_CRASH=after-intent#3. With panic: before the name, it panics instead. Only builds with the tag crashpoints have it, and only tests make them.
type crasher struct{ passed *atomic.Int64 }

func newCrasher() crasher { return crasher{new(atomic.Int64)} }

func (c crasher) at(point string) {
	wanted, panics := strings.CutPrefix(os.Getenv("REFUNDCTL_CRASH"), "panic:")
	name, n, _ := strings.Cut(wanted, "#")
	count, _ := strconv.ParseInt(n, 10, 64)
	if name != point || c.passed.Add(1) != count {
		return
	}
	if panics {
		panic("crash point " + point)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

type dyingLedger struct {
	apply.Ledger
	crasher
}

func crashingLedger(l apply.Ledger) apply.Ledger { return dyingLedger{l, newCrasher()} }

// Begin dies before or after an intent is durable.
func (l dyingLedger) Begin(ctx context.Context, in state.Intent) error {
	l.at("before-intent")
	err := l.Ledger.Begin(ctx, in)
	l.at("after-intent")
	return err
}

// Finish dies before or after an outcome is durable.
func (l dyingLedger) Finish(ctx context.Context, o state.Outcome) error {
	l.at("before-outcome")
	err := l.Ledger.Finish(ctx, o)
	l.at("after-outcome")
	return err
}

type dyingIssuer struct {
	apply.Issuer
	crasher
}

func crashingIssuer(i apply.Issuer) apply.Issuer { return dyingIssuer{i, newCrasher()} }

// Create dies after the answer has arrived.
func (i dyingIssuer) Create(ctx context.Context, r refund.Request, key string) refund.Answer {
	a := i.Issuer.Create(ctx, r, key)
	i.at("after-answer")
	return a
}

type dyingDisk struct {
	local.Disk
	crasher
}

func crashingDisk(d local.Disk) local.Disk { return dyingDisk{d, newCrasher()} }

// Open returns a file that dies while it is written.
func (d dyingDisk) Open(path string, flag int) (durable.File, error) {
	f, err := d.Disk.Open(path, flag)
	if err != nil {
		return nil, err
	}
	return dyingFile{f, d.crasher}, nil
}

type dyingFile struct {
	durable.File
	crasher
}

// Write dies before, in the middle of, or after the bytes.
func (f dyingFile) Write(p []byte) (int, error) {
	f.at("before-write")
	if half, _, _ := strings.Cut(os.Getenv("REFUNDCTL_CRASH"), "#"); half == "torn-write" {
		n, err := f.File.Write(p[:len(p)/2])
		f.at("torn-write")
		if err != nil {
			return n, err
		}
		m, err := f.File.Write(p[len(p)/2:])
		return n + m, err
	}
	n, err := f.File.Write(p)
	f.at("before-sync")
	return n, err
}

// Sync dies after the bytes are durable.
func (f dyingFile) Sync() error {
	err := f.File.Sync()
	f.at("after-sync")
	return err
}
