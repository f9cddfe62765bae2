package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Create makes a new file in the folder, and the folders on the way to it, with the mode as far as the
// umask allows. Whatever fails, and almost whenever the process dies, there is the whole file or none;
// when Create returns nil, it is on the disk. If something of that name exists, Create fails with
// fs.ErrExist. No link leads it out of the folder.
func Create(folder *os.Root, name string, data []byte, mode fs.FileMode) error {
	return create(rooted{folder}, name, data, mode)
}

// CreateAt is Create for a file in a folder that exists.
func CreateAt(path string, data []byte, mode fs.FileMode) error {
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer folder.Close()
	return Create(folder, filepath.Base(path), data, mode)
}

// root has the file operations that creating a file needs. Names have forward slashes.
type root interface {
	Mkdir(name string) error
	Open(name string, mode fs.FileMode) (File, error) // for writing; it must not exist
	Link(from, to string) error
	Remove(name string) error
	SyncDir(name string) error
}

func create(in root, name string, data []byte, mode fs.FileMode) error {
	dir := path.Dir(name)
	if err := makeFolders(in, dir); err != nil {
		return fmt.Errorf("making the folder %s: %w", dir, err)
	}
	draft := path.Join(dir, draftName(path.Base(name)))
	if err := write(in, draft, data, mode); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	err := in.Link(draft, name) // unlike a rename, it takes nothing's place
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = write(in, name, data, mode) // a file system without links
	}
	if errors.Is(err, fs.ErrExist) {
		err = fs.ErrExist // the system's own error names the draft
	}
	if err = errors.Join(err, in.Remove(draft)); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := in.SyncDir(dir); err != nil {
		return fmt.Errorf("writing the folder of %s to the disk: %w", name, err)
	}
	return nil
}

// makeFolders makes the folder and those on the way to it. It syncs the name of each new one: if a folder is lost, so
// are its files.
func makeFolders(in root, dir string) error {
	err := in.Mkdir(dir)
	if errors.Is(err, fs.ErrNotExist) && dir != path.Dir(dir) {
		if err := makeFolders(in, path.Dir(dir)); err != nil {
			return err
		}
		err = in.Mkdir(dir)
	}
	switch {
	case errors.Is(err, fs.ErrExist): // also a file; what is made in it fails
		return nil
	case err != nil:
		return err
	}
	return in.SyncDir(path.Dir(dir))
}

// write makes a file that does not exist yet, or leaves none.
func write(in root, name string, data []byte, mode fs.FileMode) error {
	f, err := in.Open(name, mode)
	if err != nil {
		return err
	}
	if err := fill(f, data); err != nil {
		return errors.Join(err, in.Remove(name))
	}
	return nil
}

// rooted is the operating system's root.
type rooted struct{ folder *os.Root }

// Mkdir makes a folder; the root itself is there already.
func (r rooted) Mkdir(name string) error {
	if name == "." {
		return nil
	}
	return r.folder.Mkdir(name, 0o755)
}

// Open makes a file that does not exist yet, for writing.
func (r rooted) Open(name string, mode fs.FileMode) (File, error) {
	f, err := r.folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, err // a nil *os.File in the interface would not be nil
	}
	return f, nil
}

// Link gives a file a second name.
func (r rooted) Link(from, to string) error { return r.folder.Link(from, to) }

// Remove removes a name.
func (r rooted) Remove(name string) error { return r.folder.Remove(name) }

// SyncDir makes the names in a folder durable.
func (r rooted) SyncDir(name string) error {
	return System{}.SyncDir(filepath.Join(r.folder.Name(), filepath.FromSlash(name)))
}
