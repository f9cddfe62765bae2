package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/gofrs/flock"

	"refundctl/state"
)

// Lock takes the operating system's exclusive lock on the file <ledger>.lock and writes the holder
// into it. The lock dies with the process; the file stays, since deleting it would let two runs
// lock two files of one name.
func (l *Ledger) Lock(_ context.Context, h state.Holder) (func() error, error) {
	lock := flock.New(l.path+".lock", flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, failed("locking the ledger with", l.path+".lock", err)
	}
	if !held {
		return nil, &state.LockedError{Holder: holder(l.path + ".lock")}
	}
	if err := describe(l.path+".lock", h); err != nil {
		return nil, errors.Join(failed("writing the lock's holder to", l.path+".lock", err), lock.Close())
	}
	return func() error { return errors.Join(l.close(), lock.Close()) }, nil
}

// holderAt is where the holder's description begins. Windows locks the first byte of the file for
// everybody else, so nobody could read it there.
const holderAt = 1

// holder reads who has the lock. It may be half written: then nothing is known.
func holder(path string) (h state.Holder) {
	f, err := os.Open(path)
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

func describe(path string, h state.Holder) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), holderAt)
	if err == nil {
		err = f.Truncate(int64(holderAt + len(text) + 1))
	}
	return errors.Join(err, f.Close())
}
