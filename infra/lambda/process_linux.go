package lambda

import (
	"os/exec"
	"runtime"
	"syscall"
)

// start starts a program that ends with this one, and with all that it started when stop is called.
func start(cmd *exec.Cmd) (stop func(), err error) {
	started, over := make(chan error), make(chan struct{})
	go func() {
		// The system ends the child when the thread ends that started it: this one must live.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(over)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-over
	}, nil
}
