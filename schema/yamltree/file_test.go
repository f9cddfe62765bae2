package yamltree

import (
	"testing"
)

func TestDevicesAndFoldersAreNotRead(t *testing.T) {
	if _, err := ReadFile("/dev/zero"); err == nil {
		t.Error("a device was read")
	}
	if _, err := ReadFile(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}
