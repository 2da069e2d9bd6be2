//go:build !unix

package main

import (
	"errors"
	"time"
)

func processor() (time.Duration, error) {
	return 0, errors.New("a process's own time is measured on Linux and macOS")
}
