package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"refundctl/internal/durable"
)

// outputFlag is the flag of commands whose output is meant for other people.
type outputFlag struct{ out string }

func (f *outputFlag) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "write it to this `file`, with mode 0600, instead of stdout")
}

// check refuses a file that could not be written, before anything is read. An existing file is replaced only
// if is recognizes its beginning: a typo must not cost a manifest or the ledger.
func (f outputFlag) check(is func(head []byte) bool) error {
	if f.out == "" {
		return nil
	}
	if err := refuseLink(f.out); err != nil {
		return err
	}
	info, err := os.Stat(f.out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err = os.Stat(filepath.Dir(f.out)); err != nil {
			return fail(ExitInvalid, "name a folder that exists", "--out: %v", err)
		}
		return nil
	case err != nil:
		return fail(ExitInvalid, "name another file", "--out: %v", err)
	case !info.Mode().IsRegular():
		return fail(ExitInvalid, "name a file, or omit the flag to write to stdout", "--out: %s is not a regular file", f.out)
	}
	head, err := readHead(f.out)
	if err != nil {
		return fail(ExitInvalid, "name another file", "--out: %v", err)
	}
	if !is(head) {
		return fail(ExitInvalid, "name another file, or delete this one", "--out: %s exists and was not written by this command; it is not replaced", f.out)
	}
	return nil
}

// refuseLink refuses to write through a link: it may lead to a file that was not meant.
func refuseLink(out string) error {
	if info, err := os.Lstat(out); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return nil // other errors are reported when the file is read or written
	}
	return fail(ExitInvalid, "name the file that the link leads to", "--out: %s is a symbolic link, which is not followed", out)
}

func readHead(path string) ([]byte, error) {
	f, err := durable.OpenFile(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 4096))
}

// writeOutput writes to stdout, or replaces the file of --out as a whole.
func (a *app) writeOutput(f outputFlag, write func(io.Writer) error) error {
	if f.out == "" {
		return write(a.Out)
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	if err := durable.Replace(f.out, text.Bytes()); err != nil {
		return fail(ExitError, "the earlier file is unchanged; free some space, or name another file", "%v", err)
	}
	return nil
}
