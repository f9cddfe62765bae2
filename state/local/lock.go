package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gofrs/flock"

	"refundctl/internal/durable"
	"refundctl/state"
)

// Lock takes the operating system's exclusive lock on the file <ledger>.lock and writes the holder into it. The
// lock ends with the process. The file stays, because deleting it would let two runs lock two files of the
// same name.
func (l *Ledger) Lock(_ context.Context, h state.Holder) (func() error, error) {
	path := l.path + ".lock"
	lock, held, err := tryLock(path, l.path)
	var none *NoLocksError
	switch {
	case errors.As(err, &none):
		return nil, &NoLocksError{l.path, none.Err}
	case err != nil:
		return nil, opError("locking the ledger with", path, err)
	case !held:
		return nil, &state.LockedError{Holder: readHolder(path)}
	}
	if err := writeHolder(path, h); err != nil {
		return nil, errors.Join(opError("writing the lock's holder to", path, err), lock.Close())
	}
	return func() error { return errors.Join(l.close(), lock.Close()) }, nil
}

// tryLock tries once to lock the file at path. That file must not be the file named by of, because writing the
// holder would destroy it.
func tryLock(path, of string) (lock *flock.Flock, held bool, err error) {
	if err := durable.Regular(path); err != nil {
		return nil, false, err
	}
	lock = newLock(path)
	if held, err = lock.TryLock(); err != nil || !held {
		return nil, false, lockError(path, err)
	}
	mine, err := lock.Stat()
	if err == nil && !mine.Mode().IsRegular() {
		err = durable.ErrNotRegular
	}
	if there, missing := os.Stat(of); err == nil && missing == nil && os.SameFile(mine, there) {
		err = ErrSecondName
	}
	if err != nil {
		return nil, false, errors.Join(err, lock.Close())
	}
	return lock, true, nil
}

// newLock is a lock whose file is opened as durable.OpenFile does, but by the library, and created if needed.
func newLock(path string) *flock.Flock {
	return flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|durable.NoFollow), flock.SetPermissions(0o600))
}

// holderAt is where the holder's description begins. Windows locks the first byte of the file, so that no other
// process could read it there.
const holderAt = 1

// readHolder returns who has the lock; nothing if the description is only half written.
func readHolder(path string) (h state.Holder) {
	f, err := durable.OpenFile(path, os.O_RDONLY)
	if err != nil {
		return state.Holder{}
	}
	defer f.Close()
	const most = 1 << 16
	if err := json.NewDecoder(io.NewSectionReader(f, holderAt, most)).Decode(&h); err != nil {
		return state.Holder{}
	}
	return h
}

func writeHolder(path string, h state.Holder) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f, err := durable.OpenFile(path, os.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), holderAt)
	if err == nil {
		err = f.Truncate(int64(holderAt + len(text) + 1))
	}
	return errors.Join(err, f.Close())
}

// Exclusive waits, until ctx is done, for the operating system's lock on the file at path, which it creates. The
// lock ends with the process; the file stays.
func Exclusive(ctx context.Context, path string) (release func() error, err error) {
	const again = 20 * time.Millisecond
	if err := durable.Regular(path); err != nil {
		return nil, fmt.Errorf("taking the lock %s: %w", path, err)
	}
	lock := newLock(path)
	if _, err := lock.TryLockContext(ctx, again); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for the lock %s: %w", path, lockError(path, err)), lock.Close())
	}
	return lock.Close, nil
}
