//go:build !windows

package durable

import "syscall"

// NoFollow is the flag of open that refuses a link at the end of the path, and does not wait for a pipe's
// other end.
const NoFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
