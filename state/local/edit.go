package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// Exclusive waits for the operating system's lock on the file at path, which it makes, until ctx
// ends. The lock dies with the process; the file stays.
func Exclusive(ctx context.Context, path string) (release func() error, err error) {
	const again = 20 * time.Millisecond
	if err := regular(path); err != nil {
		return nil, fmt.Errorf("taking the lock %s: %w", path, err)
	}
	lock := lockFile(path)
	if _, err := lock.TryLockContext(ctx, again); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for the lock %s: %w", path, unlockable(path, err)), lock.Close())
	}
	return lock.Close, nil
}

// Rewrite makes the file at path hold after if it holds before, else it is ErrChanged and nothing is
// done. It keeps the file's mode, leaves a file that may not be written, and follows a symbolic link:
// before is what was read there. For the rest it is Replace.
func Rewrite(path string, before, after []byte) error {
	real, err := resolve(path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	f, err := OpenFile(real, os.O_RDWR)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return ReplaceOn(rewriting{System{}, info.Mode().Perm(), before}, real, after)
}

// rewriting is a folder in which a draft gets a mode and takes the place of one content alone.
type rewriting struct {
	Folder
	mode   fs.FileMode
	before []byte
}

// Open gives the draft its mode, whatever the umask.
func (r rewriting) Open(name string, flag int) (File, error) {
	f, err := r.Folder.Open(name, flag)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(name, r.mode); err != nil {
		return nil, errors.Join(err, f.Close(), r.Remove(name))
	}
	return f, nil
}

// Rename looks at the content at the last moment: an editor knows nothing of locks.
func (r rewriting) Rename(from, to string) error {
	f, err := OpenFile(to, os.O_RDONLY)
	if err != nil {
		return err
	}
	now, err := io.ReadAll(io.LimitReader(f, int64(len(r.before))+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if !bytes.Equal(now, r.before) {
		return ErrChanged
	}
	return r.Folder.Rename(from, to)
}

// Create makes a new file of the folder, and the folders to it, with the mode as far as the umask
// allows. Whatever fails, and almost whenever the process dies, there is the whole file or none;
// where something of that name is there it is fs.ErrExist. No link leads it out of the folder.
func Create(folder *os.Root, name string, data []byte, mode fs.FileMode) error {
	dir := path.Dir(name)
	if err := folder.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder %s: %w", dir, err)
	}
	draft := path.Join(dir, "."+path.Base(name)+"."+rand.Text()+".tmp")
	if err := write(folder, draft, data, mode); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	err := folder.Link(draft, name) // unlike a rename, it takes nothing's place
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = write(folder, name, data, mode) // a file system without links
	}
	if err = errors.Join(err, folder.Remove(draft)); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return System{}.SyncDir(filepath.Join(folder.Name(), filepath.FromSlash(dir)))
}

// write makes a file that is not there yet, or leaves none.
func write(folder *os.Root, name string, data []byte, mode fs.FileMode) error {
	f, err := folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := fill(f, data); err != nil {
		return errors.Join(err, folder.Remove(name))
	}
	return nil
}
