package storetest

import (
	"os/exec"
	"syscall"
)

// endWithParent makes the system kill the program when the thread that starts it ends.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
