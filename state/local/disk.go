package local

import (
	"io/fs"

	"refundctl/internal/durable"
)

// Disk is the file operations that a ledger needs. durable.System has those of the operating system; tests add
// faults and crashes.
type Disk interface {
	// Open opens a regular file, never through a link, with the flags of package os. A new file is readable
	// only by its owner (mode 0600).
	Open(path string, flag int) (durable.File, error)
	Stat(path string) (fs.FileInfo, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(path string) error
}
