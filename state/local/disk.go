package local

import (
	"io/fs"

	"refundctl/internal/durable"
)

// Disk is the file operations that a ledger needs; durable.System has the operating system's. Tests put
// faults and crashes in front of it.
type Disk interface {
	// Open opens a regular file, never through a link, with the flags of package os; a new file is for
	// its owner alone (mode 0600).
	Open(path string, flag int) (durable.File, error)
	Stat(path string) (fs.FileInfo, error)
	// SyncDir makes the names in a folder durable.
	SyncDir(path string) error
}
