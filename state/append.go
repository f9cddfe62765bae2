package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// pending is an event on its way to the disk.
type pending struct {
	event *event
	done  chan error
}

// cursor is where the run's chain ends.
type cursor struct {
	run  string
	seq  int
	prev digest
	at   time.Time
}

// record hands the event to the writer and waits for the disk. Once it is handed over, leaving
// early would leave the caller in the dark about what the ledger holds.
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

// serve is the session's one writer. While it waits for the disk, requests gather; the next write
// takes them all, so that many share one fsync.
func (s *Session) serve() {
	defer close(s.stopped)
	for {
		select {
		case p := <-s.queue:
			s.commit(s.gather(p))
		case <-s.closing:
			return
		}
	}
}

// gather takes what stands in the queue, after those who are ready to run had a chance to join it.
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

// commit makes a batch durable and then part of the state. After a failure nobody knows what the
// disk holds, and trying again could only hide it: the session is over.
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

type writtenEvent struct {
	event event
	sum   digest
}

// accept puts the event's line into the draft, and the run's header before its first one. An End
// alone is not worth a header that accepts nothing: it is skipped with Seq 0.
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

// line numbers and chains the event. Times rise within a ledger even where the clock does not, so
// that what was written later counts as later.
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

// readBack reads the line before it is written: a session never writes what it could not read, and
// folds what the next run will fold.
func (s *Session) readBack(line []byte, e *event, back *writtenEvent) error {
	var damage *DamageError
	back.sum, damage = s.decoder.decode(line, &back.event)
	switch {
	case damage != nil:
		return errors.New("the event cannot be written: " + damage.Problem)
	case !sameMoney(e, &back.event):
		return errors.New("the event cannot be written as it is: it holds bytes that are not text")
	}
	return nil
}

// same compares what money hangs on. Other texts may have lost bytes that are not UTF-8.
func sameMoney(a, b *event) bool {
	return a.Intent.ID == b.Intent.ID && a.Outcome.ID == b.Outcome.ID && a.Cancel.ID == b.Cancel.ID &&
		a.Cancel.Request.Path == b.Cancel.Request.Path && bytes.Equal(a.Cancel.Request.Body, b.Cancel.Request.Body) &&
		a.Intent.Amount == b.Intent.Amount && a.Intent.Key == b.Intent.Key &&
		a.Intent.Request.Path == b.Intent.Request.Path && bytes.Equal(a.Intent.Request.Body, b.Intent.Request.Body)
}

// take folds what has become durable.
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
