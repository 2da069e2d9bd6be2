//go:build !linux

package lambda

import (
	"errors"
	"os/exec"
)

func start(*exec.Cmd) (stop func(), err error) { return nil, errors.New("the emulator runs on Linux") }
