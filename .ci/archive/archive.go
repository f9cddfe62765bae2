// Command archive packs each folder of STAGE into an archive in OUT, zip for Windows and tar.gz for
// other platforms, and writes OUT/SHA256SUMS. All file times are TIME, in Unix seconds. Owners, modes
// and the order are fixed, so the same files give the same bytes anywhere.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("want STAGE OUT TIME, not %q", args)
	}
	seconds, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return err
	}
	stage, out, at := os.DirFS(args[0]), args[1], time.Unix(seconds, 0).UTC()
	folders, err := fs.ReadDir(stage, ".")
	if err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, folder := range folders {
		name, pack := folder.Name()+".tar.gz", tarball
		if strings.Contains(folder.Name(), "_windows_") {
			name, pack = folder.Name()+".zip", zipped
		}
		var b bytes.Buffer
		if err := pack(&b, stage, folder.Name(), at); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(out, name), b.Bytes(), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(b.Bytes()), name)
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), sums.Bytes(), 0o644)
}

// each calls add for the files below a folder, by name, with the mode that each gets in the archive.
func each(stage fs.FS, folder string, add func(name string, mode fs.FileMode, content []byte) error) error {
	return fs.WalkDir(stage, folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(stage, name)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if base := path.Base(name); base == "refundctl" || base == "refundctl.exe" {
			mode = 0o755
		}
		return add(name, mode, content)
	})
}

func tarball(w io.Writer, stage fs.FS, folder string, at time.Time) error {
	zw, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	tw := tar.NewWriter(zw)
	err = each(stage, folder, func(name string, mode fs.FileMode, content []byte) error {
		h := &tar.Header{Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: name, Mode: int64(mode), Size: int64(len(content)), ModTime: at}
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		_, err := tw.Write(content)
		return err
	})
	if err != nil {
		return err
	}
	if err := tw.Close(); err != nil {
		return err
	}
	return zw.Close()
}

func zipped(w io.Writer, stage fs.FS, folder string, at time.Time) error {
	zw := zip.NewWriter(w)
	err := each(stage, folder, func(name string, mode fs.FileMode, content []byte) error {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at}
		h.SetMode(mode)
		f, err := zw.CreateHeader(h)
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		return err
	})
	if err != nil {
		return err
	}
	return zw.Close()
}
