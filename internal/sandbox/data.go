package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// dataVersion is in the first line of a data file. A file with another version is refused.
const dataVersion = 1

type dataHeader struct {
	Version int `json:"refundctl_sandbox_data"`
}

// dataFile keeps events, one JSON line each. Several processes may share it: each takes the lock for one request, reads
// what the others appended, and appends its own event.
type dataFile struct {
	file *os.File
	lock *flock.Flock
	read int64 // bytes read so far; while the lock is held, the end of the file
	line int
}

func openData(path string) (*dataFile, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("creating the folder of the data file: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the data file: %w", err)
	}
	return &dataFile{file: file, lock: flock.New(path+".lock", flock.SetPermissions(0o600))}, nil
}

func (d *dataFile) close() error {
	return errors.Join(d.lock.Close(), d.file.Close())
}

// begin takes the lock, and applies what is new in the file.
func (d *dataFile) begin(ctx context.Context, apply func(event) error) error {
	if _, err := d.lock.TryLockContext(ctx, time.Millisecond); err != nil {
		return fmt.Errorf("locking %s: %w", d.file.Name(), err)
	}
	if err := d.catchUp(apply); err != nil {
		return errors.Join(fmt.Errorf("reading %s: %w", d.file.Name(), err), d.end())
	}
	return nil
}

func (d *dataFile) end() error { return d.lock.Unlock() }

func (d *dataFile) catchUp(apply func(event) error) error {
	info, err := d.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < d.read {
		return errors.New("it was truncated or replaced while the emulator ran")
	}
	fresh := make([]byte, info.Size()-d.read)
	if _, err := d.file.ReadAt(fresh, d.read); err != nil {
		return err
	}
	if err := d.take(fresh, apply); err != nil {
		return err
	}
	if d.read == 0 {
		return d.appendLine(dataHeader{dataVersion})
	}
	return nil
}

// take applies whole lines. Bytes after the last newline are an unfinished write. It was never answered, so whoever has
// the lock may drop it.
func (d *dataFile) take(fresh []byte, apply func(event) error) error {
	for {
		line, rest, whole := bytes.Cut(fresh, []byte("\n"))
		if !whole {
			break
		}
		if err := d.takeLine(line, apply); err != nil {
			return fmt.Errorf("line %d: %w", d.line+1, err)
		}
		d.line++
		d.read += int64(len(line) + 1)
		fresh = rest
	}
	if len(fresh) == 0 {
		return nil
	}
	return d.file.Truncate(d.read)
}

func (d *dataFile) takeLine(line []byte, apply func(event) error) error {
	if d.line > 0 {
		var e event
		if err := strictly(line, &e); err != nil {
			return err
		}
		return apply(e)
	}
	var h dataHeader
	if err := json.Unmarshal(line, &h); err != nil {
		return err
	}
	if h.Version != dataVersion {
		return fmt.Errorf("this program does not know data version %d; it writes version %d", h.Version, dataVersion)
	}
	return nil
}

func strictly(line []byte, e *event) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	return dec.Decode(e)
}

// append makes an event durable. It removes what a failed write left behind.
func (d *dataFile) append(e event) error { return d.appendLine(e) }

func (d *dataFile) appendLine(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if _, err = d.file.WriteAt(line, d.read); err == nil {
		err = d.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the data file: %w", err), d.file.Truncate(d.read))
	}
	d.read += int64(len(line))
	d.line++
	return nil
}
