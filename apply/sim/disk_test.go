package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"refundctl/internal/durable"
)

var (
	errDead  = errors.New("the process is dead")
	errDying = errors.New("the process dies")
	errDisk  = errors.New("no space left on device, or an input/output error")
)

// steps are the points at which something can happen to a process. Those of the API are before the request,
// after the API has handled it, and before the process sees the answer.
var steps = []string{"open", "stat", "read", "write", "write", "wrote", "wrote", "sync", "sync", "synced", "synced", "dir", "truncate",
	"list", "listed", "request", "request", "handled", "handled", "answered", "answered"}

// disk is the disk of one machine, with one ledger. It knows what a power failure would leave.
type disk struct {
	w    *world
	path string

	mu     sync.Mutex
	now    []byte // what the processes of the machine read
	kept   []byte // what fsync confirmed
	there  bool
	named  bool // the folder's entry is on the disk too
	parsed int  // of kept
	events []line
}

// line is an event of the ledger as the simulation reads it, without the code under test.
type line struct {
	Run        string `json:"run"`
	Type       string `json:"type"`
	PlanDigest string `json:"plan_digest"`
	ParentID   string `json:"parent_id"`
	RefundID   string `json:"refund_id"`
	Key        string `json:"idempotency_key"`
	Attempt    int    `json:"attempt"`
	RequestID  string `json:"request_id"`
	Request    struct {
		Method, Path, Body string
	} `json:"request"`
	Proof *struct {
		SettledBy string `json:"settled_by"`
	} `json:"proof"`
}

// durable returns the events that a power failure would leave.
func (d *disk) durable() []line {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.named {
		return nil
	}
	for {
		end := bytes.IndexByte(d.kept[d.parsed:], '\n')
		if end < 0 {
			return slices.Clip(d.events)
		}
		var l line
		if err := json.Unmarshal(d.kept[d.parsed:d.parsed+end], &l); err == nil {
			d.events = append(d.events, l)
		}
		d.parsed += end + 1
	}
}

// set replaces the ledger, durably.
func (d *disk) set(ledger []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now, d.kept, d.named, d.there = slices.Clone(ledger), ledger, true, ledger != nil
	d.parsed, d.events = 0, nil
	if ledger == nil {
		return os.RemoveAll(d.path)
	}
	return os.WriteFile(d.path, ledger, 0o600)
}

func (d *disk) bytes() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.now)
}

// losePower leaves what a power failure leaves.
func (d *disk) losePower(round int) error {
	left := d.bytes()
	switch {
	case !d.there:
		return nil
	case !d.named && d.w.roll(2, "the name", round) == 0:
		left = nil
	case bytes.HasPrefix(d.now, d.kept):
		extra := d.now[len(d.kept):]
		survive := int(d.w.roll(int64(len(extra)+1), "the tail", round))
		left = append(slices.Clone(d.kept), extra[:survive]...)
		if d.w.roll(4, "zeros", round) == 0 {
			left = append(left, make([]byte, len(extra)-survive)...)
		}
	case d.w.roll(2, "the cut", round) == 0:
		left = slices.Clone(d.kept)
	}
	return d.set(left)
}

// processDisk is the disk as one process sees it.
type processDisk struct {
	*disk
	p *process
}

func (s processDisk) Open(path string, flag int) (durable.File, error) {
	if err := s.p.step("open"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := durable.System{}.Open(path, flag)
	if err != nil {
		return nil, err
	}
	if !s.there {
		s.there, s.named, s.now, s.kept, s.parsed, s.events = true, false, nil, nil, 0, nil
	}
	return file{f, s}, nil
}

func (s processDisk) Stat(path string) (fs.FileInfo, error) {
	if err := s.p.step("stat"); err != nil {
		return nil, err
	}
	return durable.System{}.Stat(path)
}

func (s processDisk) SyncDir(path string) error {
	if err := s.p.step("dir"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named = s.named || path == filepath.Dir(s.path)
	return nil
}

type file struct {
	durable.File
	seat processDisk
}

func (f file) Read(p []byte) (int, error) {
	if err := f.seat.p.step("read"); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f file) Stat() (fs.FileInfo, error) {
	if err := f.seat.p.step("stat"); err != nil {
		return nil, err
	}
	return f.File.Stat()
}

// Write leaves any part of the bytes if it fails or the process dies during it.
func (f file) Write(p []byte) (int, error) {
	s := f.seat
	err := s.p.step("write")
	if errors.Is(err, errDead) {
		return 0, err
	}
	n := len(p)
	if err != nil {
		n = int(s.w.roll(int64(n+1), "torn "+s.p.name, len(s.now)))
	}
	s.mu.Lock()
	if _, failed := f.File.Write(p[:n]); failed != nil {
		err = failed
	}
	s.now = append(s.now, p[:n]...)
	s.mu.Unlock()
	if err == nil {
		err = s.p.step("wrote")
	}
	return n, err
}

func (f file) Sync() error {
	s := f.seat
	if err := s.p.step("sync"); err != nil {
		return err
	}
	size := len(s.bytes())
	time.Sleep(time.Duration(s.w.roll(int64(4*time.Millisecond), "fsync "+s.p.name, size))) // virtual
	if s.p.isDead() {
		return errDead
	}
	s.mu.Lock()
	s.kept = s.now[:min(size, len(s.now)):min(size, len(s.now))]
	s.mu.Unlock()
	return s.p.step("synced")
}

func (f file) Truncate(size int64) error {
	s := f.seat
	if err := s.p.step("truncate"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = slices.Clone(s.now[:min(int(size), len(s.now))])
	s.parsed, s.events = 0, nil
	return f.File.Truncate(size)
}
