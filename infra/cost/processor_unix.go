//go:build unix

package main

import (
	"syscall"
	"time"
)

// processor is for how long this process has had a processor.
func processor() (time.Duration, error) {
	var used syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), err
}
