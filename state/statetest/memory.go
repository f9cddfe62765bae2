package statetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"refundctl/state"
)

// ErrDead is the error of the backend of a process that died.
var ErrDead = errors.New("the process is dead")

// Disk is a disk with one ledger. Synced bytes survive a crash; bytes that were only written may not. The zero
// value is empty. It may be used from many goroutines.
type Disk struct {
	mu     sync.Mutex
	bytes  []byte
	synced int
	syncs  int
	holder *state.Holder
	lives  int

	// Fault, if not nil, is called before each step ("lock", "read", "write", "sync", "truncate"). The
	// step fails with its error, a write after half of its bytes. It must not call the disk.
	Fault func(step string) error
}

// Backend returns the disk as a new process sees it. A Crash ends the process.
func (d *Disk) Backend() state.Backend {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &process{d, d.lives}
}

// Crash ends all processes. Of the bytes that were written but not synced, keep bytes survive.
func (d *Disk) Crash(keep int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bytes = d.bytes[:min(len(d.bytes), d.synced+keep)]
	d.synced, d.holder = len(d.bytes), nil
	d.lives++
}

// Bytes returns a copy of the disk's content.
func (d *Disk) Bytes() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.bytes)
}

// Set replaces the disk's content.
func (d *Disk) Set(ledger []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bytes, d.synced = slices.Clone(ledger), len(ledger)
}

// Syncs returns the number of syncs.
func (d *Disk) Syncs() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

// process is a state.Backend.
type process struct {
	disk *Disk
	life int
}

// step returns the error with which a step fails. The caller holds the disk's mu.
func (p *process) step(name string) error {
	switch {
	case p.life != p.disk.lives:
		return ErrDead
	case p.disk.Fault != nil:
		return p.disk.Fault(name)
	}
	return nil
}

// Lock fails with the holder if another process has the lock.
func (p *process) Lock(_ context.Context, h state.Holder) (func() error, error) {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	if err := p.step("lock"); err != nil {
		return nil, err
	}
	if p.disk.holder != nil {
		return nil, &state.LockedError{Holder: *p.disk.holder}
	}
	p.disk.holder = &h
	return p.unlock, nil
}

func (p *process) unlock() error {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	if p.life == p.disk.lives {
		p.disk.holder = nil
	}
	return nil
}

// Read returns what was written, synced or not.
func (p *process) Read(context.Context) (io.ReadCloser, error) {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	if err := p.step("read"); err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(slices.Clone(p.disk.bytes))), nil
}

// Append writes, then syncs.
func (p *process) Append(size int64, b []byte) error {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	if int64(len(p.disk.bytes)) != size {
		return errors.New("the ledger does not have the expected size")
	}
	if err := p.step("write"); err != nil {
		if !errors.Is(err, ErrDead) {
			p.disk.bytes = append(p.disk.bytes, b[:len(b)/2]...)
		}
		return err
	}
	p.disk.bytes = append(p.disk.bytes, b...)
	return p.sync()
}

// Truncate cuts, then syncs.
func (p *process) Truncate(size int64) error {
	p.disk.mu.Lock()
	defer p.disk.mu.Unlock()
	if err := p.step("truncate"); err != nil {
		return err
	}
	p.disk.bytes = p.disk.bytes[:min(size, int64(len(p.disk.bytes)))]
	p.disk.synced = min(p.disk.synced, len(p.disk.bytes))
	return p.sync()
}

func (p *process) sync() error {
	if err := p.step("sync"); err != nil {
		return err
	}
	p.disk.synced = len(p.disk.bytes)
	p.disk.syncs++
	return nil
}
