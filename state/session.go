package state

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"refundctl/internal/task"
)

// Backend stores the bytes of a ledger. Every implementation passes the suite of statetest.
type Backend interface {
	// Lock takes the exclusive lock, or returns a *LockedError at once. The lock ends with its process.
	Lock(ctx context.Context, h Holder) (unlock func() error, err error)
	// Read returns the whole ledger, which is empty if there is none. It needs no lock, and may return a
	// part of what another process is appending.
	Read(ctx context.Context) (io.ReadCloser, error)
	// Append writes p after the first size bytes and returns once it is durable. If the ledger does not
	// have that size, Append fails and writes nothing. It must not keep p.
	Append(size int64, p []byte) error
	// Truncate durably removes everything after the first size bytes.
	Truncate(size int64) error
}

// Holder says who holds the lock.
type Holder struct {
	Actor   string    `json:"actor,omitempty"`
	Host    string    `json:"host,omitempty"`
	PID     int       `json:"pid,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	Command string    `json:"command,omitempty"`
}

// NoticeKind says what a reader of an undamaged ledger should know.
type NoticeKind string

// The kinds of notices.
const (
	TornTail  NoticeKind = "torn_tail" // Bytes bytes of an interrupted append were skipped or dropped
	OpenEnd   NoticeKind = "open_end"  // the last line had no line end: its append was cut short, or somebody edited the file
	OpenToAll NoticeKind = "open_mode" // other users may read the file: its permissions are Mode

	FromTheFuture NoticeKind = "from_the_future" // Run has the time At, further ahead of the clock than Skew: nothing is sent (R14)
	ClockSkew     NoticeKind = "clock_skew"      // Run has the time At, ahead of the clock by Skew at most
	TooEarly      NoticeKind = "too_early"       // Run says that it began at At, before the ledger's first run or a run that it cites
	TimeAccepted  NoticeKind = "time_accepted"   // Run is from the future, and counts as of At, when a person accepted it
)

// Notice is something that a reader of an undamaged ledger should know. The comments on the kinds say which
// fields are set.
type Notice struct {
	Kind  NoticeKind
	Bytes int64
	Mode  uint32 // permission bits
	Run   string
	Line  int // of the run
	At    time.Time
	By    time.Duration // how far ahead of the clock, or too early
}

// Options are the options of a Session.
type Options struct {
	Clock  func() time.Time
	Header Header // of the run; Open sets Lineage and Heads
	// Decide, if not nil, is called under the lock, before the ledger is read or repaired, so that a run
	// reads its inputs there (R20). It returns the run's Header, or an error that ends Open.
	Decide      func(context.Context) (Header, error)
	Holder      Holder // Open sets Since
	LockTimeout time.Duration
	Waiting     func(e *LockedError, until time.Time) // called whenever Open begins to wait for another holder; may be nil
	NewID       func() string                         // for runs and lineages; nil makes random UUIDs
	Accepting   bool                                  // the run accepts times from the future, which therefore do not stop it
}

// Session is one run's hold on the ledger: the lock, the live State and durable appends. Its methods may be
// called from many goroutines, which then share the writes to the disk.
type Session struct {
	backend Backend
	clock   func() time.Time
	state   *State
	notices []Notice
	unlock  func() error
	run     string

	queue   chan *pending
	closing chan struct{}
	stopped chan struct{}
	once    sync.Once

	// Only serve's goroutine uses the following.
	header  Header
	cursor  cursor
	size    int64
	broken  error
	decoder decoder
	lines   []byte         // of the last batch; reused for the next one
	events  []writtenEvent // like lines
}

func (t tail) notices() (all []Notice) {
	if t.unended {
		all = append(all, Notice{Kind: OpenEnd})
	}
	if t.torn > 0 {
		all = append(all, Notice{Kind: TornTail, Bytes: t.torn})
	}
	return all
}

// Open locks the ledger, waiting up to LockTimeout, loads it, drops an unfinished last line, and returns the
// run's Session. If nothing may be sent it returns the error of Decide, a *LockedError, a *DamageError or
// a *ClockBehindError (R14), and leaves the ledger as it was.
func Open(ctx context.Context, b Backend, o Options) (*Session, error) {
	o.Holder.Since = o.Clock()
	unlock, err := lock(ctx, b, o)
	if err != nil {
		return nil, err
	}
	if o.Decide != nil {
		o.Header, err = o.Decide(ctx)
	}
	var s *Session
	if err == nil {
		s, err = newSession(ctx, b, o)
	}
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	s.unlock = unlock
	task.Go(func() error { s.serve(); return nil }, func(error) { close(s.stopped) })
	return s, nil
}

// lock tries until the timeout is over. Polling works for every backend.
func lock(ctx context.Context, b Backend, o Options) (func() error, error) {
	const pause = 100 * time.Millisecond
	timeout, reported := o.LockTimeout, Holder{PID: -1}
	for {
		unlock, err := b.Lock(ctx, o.Holder)
		var held *LockedError
		if !errors.As(err, &held) || timeout <= 0 {
			return unlock, err
		}
		if now := held.Holder; o.Waiting != nil && (now.PID != reported.PID || now.Host != reported.Host) {
			reported = now
			o.Waiting(held, o.Clock().Add(timeout))
		}
		timer := time.NewTimer(min(pause, timeout))
		select {
		case <-timer.C:
			timeout -= pause
		case <-ctx.Done():
			timer.Stop()
			return nil, errors.Join(err, ctx.Err())
		}
	}
}

// newSession loads the ledger under the lock and repairs its end.
func newSession(ctx context.Context, b Backend, o Options) (*Session, error) {
	state, t, err := load(ctx, b)
	if err != nil {
		return nil, err
	}
	now, last := o.Clock(), state.LastAt()
	if o.Accepting {
		last = state.lastNotAhead(now)
	}
	if now.Before(last.Add(-Skew)) {
		return nil, &ClockBehindError{now, last}
	}
	if o.NewID == nil {
		o.NewID = randomID
	}
	s := &Session{
		backend: b, clock: o.Clock, state: state, notices: t.notices(), size: t.size, header: o.Header, decoder: decoder{interner: interner{}},
		cursor: cursor{run: o.NewID(), at: last},
		queue:  make(chan *pending), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	s.run = s.cursor.run
	s.header.Heads, s.header.Lineage = state.Heads(), state.Lineage()
	if s.header.Lineage == "" {
		s.header.Lineage = o.NewID()
	}
	return s, s.repairEnd(t)
}

// repairEnd makes the ledger end with a line end.
func (s *Session) repairEnd(t tail) error {
	if t.torn > 0 {
		if err := s.backend.Truncate(t.size); err != nil {
			return err
		}
	}
	if t.unended {
		s.size++
		return s.backend.Append(t.size, []byte("\n"))
	}
	return nil
}

// Run returns the id of the session's run. The ledger contains it once the run has recorded something.
func (s *Session) Run() string { return s.run }

// State returns the ledger's State, which changes with every durable event of this session.
func (s *Session) State() *State { return s.state }

// Notices returns what Open noticed.
func (s *Session) Notices() []Notice { return s.notices }

// Close waits for the events being written and releases the lock. Further calls do nothing.
func (s *Session) Close() error {
	err := error(nil)
	s.once.Do(func() {
		close(s.closing)
		<-s.stopped
		err = s.unlock()
	})
	return err
}

// Begin records an intent before its try: when it returns nil, the event is durable (R1). It returns a
// *ForbiddenError for an intent that the ledger rules out. If ctx is done before the event is handed to
// the writer, Begin writes nothing; after that it waits for the disk.
func (s *Session) Begin(ctx context.Context, in Intent) error {
	if err := s.state.Forbids(in); err != nil {
		return err
	}
	return s.append(ctx, &event{Type: typeIntent, Intent: in})
}

// Finish durably records an outcome. A cancelled context does not stop it, so that no answer is lost.
func (s *Session) Finish(ctx context.Context, o Outcome) error {
	return s.append(context.WithoutCancel(ctx), &event{Type: typeOutcome, Outcome: o})
}

// Bind records that an account's name and environment mean this fingerprint, unless the ledger has that
// already. A contradiction is a *BindingError, unless Reason is set: then it is a rebind (R15).
func (s *Session) Bind(ctx context.Context, b Binding) error {
	have, err := s.state.CheckBinding(b)
	if have || err != nil && b.Reason == "" {
		return err
	}
	return s.append(ctx, &event{Type: typeBind, Binding: b})
}

// End records that the run came to its end. A run that recorded nothing leaves no trace in the ledger.
func (s *Session) End(ctx context.Context, e End) error {
	return s.append(context.WithoutCancel(ctx), &event{Type: typeEnd, End: e})
}
