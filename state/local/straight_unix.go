//go:build !windows

package local

import "syscall"

// straight makes open refuse a link at the end of the path, and not wait for a pipe's other end.
const straight = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
