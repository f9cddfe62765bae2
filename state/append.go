package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"refundctl/internal/task"
)

// pending is an event on its way to the disk.
type pending struct {
	event *event
	done  chan error
}

// cursor is the end of the run's chain.
type cursor struct {
	run  string
	seq  int
	prev digest
	at   time.Time
}

// append hands the event to the writer and waits for the disk. It does not return early once the event is
// handed over, because the caller would then not know what is in the ledger.
func (s *Session) append(ctx context.Context, e *event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := &pending{e, make(chan error, 1)}
	select {
	case s.queue <- p:
		return <-p.done
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serve is the session's only writer. While it waits for the disk, events queue up; the next write takes all
// of them, so that many share one fsync.
func (s *Session) serve() {
	for {
		select {
		case p := <-s.queue:
			batch := s.gather(p)
			if err := task.Call(func() error { s.commit(batch); return nil }); err != nil {
				s.breakOff(batch, err)
			}
		case <-s.closing:
			return
		}
	}
}

// breakOff ends the session after a crash in the middle of a batch: what is on the disk is not known.
func (s *Session) breakOff(batch []*pending, crash error) {
	s.broken = fmt.Errorf("%w: %w", ErrBroken, crash)
	for _, p := range batch {
		select {
		case p.done <- s.broken:
		default: // it was answered
		}
	}
}

// gather takes all queued events, after giving goroutines that are ready to run a chance to queue theirs.
func (s *Session) gather(p *pending) []*pending {
	batch := []*pending{p}
	for runtime.Gosched(); ; {
		select {
		case p := <-s.queue:
			batch = append(batch, p)
		default:
			return batch
		}
	}
}

// commit makes a batch durable, then part of the State. After a failure it is not known what is on the disk,
// and another try could only hide that: the session is over.
func (s *Session) commit(batch []*pending) {
	d := draft{session: s, cursor: s.cursor, lines: s.lines[:0], events: s.events[:0]}
	defer func() { s.lines, s.events = d.lines, d.events }()
	waiting := batch[:0]
	for _, p := range batch {
		err := s.broken
		if err == nil {
			err = d.addEvent(p.event)
		}
		if err != nil || p.event.Seq == 0 {
			p.done <- err
			continue
		}
		waiting = append(waiting, p)
	}
	if len(waiting) == 0 {
		return
	}
	err := s.backend.Append(s.size, d.lines)
	if err != nil {
		s.broken = fmt.Errorf("%w: %w", ErrBroken, err)
	} else {
		s.size, s.cursor = s.size+int64(len(d.lines)), d.cursor
		s.state.foldWritten(d.events)
	}
	for _, p := range waiting {
		p.done <- s.broken
	}
}

// draft is a batch before it is written.
type draft struct {
	session *Session
	cursor  cursor
	lines   []byte
	events  []writtenEvent
}

// writtenEvent is an event as it was read back, with its hash.
type writtenEvent struct {
	event event
	sum   digest
}

// addEvent adds the event's line to the draft, after the run's header if it is the first. An End alone is not
// worth a header, unless the header accepts something: it is skipped, with Seq 0.
func (d *draft) addEvent(e *event) error {
	if d.cursor.seq == 0 {
		if e.Type == typeEnd && d.session.header.Accepts == "" {
			return nil
		}
		if err := d.addLine(&event{Type: typeRun, Header: d.session.header}); err != nil {
			return err
		}
	}
	return d.addLine(e)
}

// addLine numbers and chains the event. Times rise within a ledger even if the clock does not, so that what
// was written later counts as later.
func (d *draft) addLine(e *event) error {
	at := d.session.clock().UTC().Round(0)
	if !at.After(d.cursor.at) {
		at = d.cursor.at.Add(1)
	}
	e.Run, e.Seq, e.Prev, e.At = d.cursor.run, d.cursor.seq+1, d.cursor.prev, at
	line, err := encode(e)
	if err != nil {
		return err
	}
	d.events = append(d.events, writtenEvent{})
	back := &d.events[len(d.events)-1]
	if err := d.session.readBack(line, e, back); err != nil {
		d.events = d.events[:len(d.events)-1]
		return err
	}
	d.lines = append(append(d.lines, line...), '\n')
	d.cursor.seq, d.cursor.prev, d.cursor.at = e.Seq, back.sum, at
	return nil
}

// readBack decodes the line before it is written. A session never writes what it could not read, and folds
// what the next run will fold.
func (s *Session) readBack(line []byte, e *event, back *writtenEvent) error {
	var damage *DamageError
	back.sum, damage = s.decoder.decode(line, &back.event)
	switch {
	case damage != nil:
		return errors.New("the event cannot be written: " + damage.Problem)
	case !sameMoney(e, &back.event):
		return errors.New("the event cannot be written: it contains bytes that are not UTF-8 text")
	}
	return nil
}

// sameMoney compares what decides about money. Other texts may have lost bytes that are not UTF-8.
func sameMoney(a, b *event) bool {
	return a.Intent.ID == b.Intent.ID && a.Outcome.ID == b.Outcome.ID && a.Cancel.ID == b.Cancel.ID &&
		a.Cancel.Request.Path == b.Cancel.Request.Path && bytes.Equal(a.Cancel.Request.Body, b.Cancel.Request.Body) &&
		a.Intent.Amount == b.Intent.Amount && a.Intent.Key == b.Intent.Key &&
		a.Intent.Request.Path == b.Intent.Request.Path && bytes.Equal(a.Intent.Request.Body, b.Intent.Request.Body)
}

// foldWritten folds events that have become durable.
func (s *State) foldWritten(events []writtenEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range events {
		e := &events[i]
		if _, damage := s.chains.add(&e.event, e.sum, 0); damage == nil {
			s.fold(&e.event, e.sum)
		}
	}
}
