package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A Clock is the run's time: it starts at an instant, runs on from there, and can be moved on.
// What it showed is kept, so that after a restart it never goes back.
type Clock struct {
	mu    sync.Mutex
	start time.Time // the instant that it began to show
	began time.Time // when that was, by the machine
	moved time.Duration
	home  time.Time // where it belongs while it is set back for the demo; zero: it is there
	path  string
	file  sync.Mutex // held while it is written down
}

// ahead is how far the clock runs on before it is written down again, and some more: after a
// power cut it begins there, and so has never gone back.
const ahead = 2 * time.Second

type clockFile struct {
	Shown time.Time     `json:"shown"`
	Moved time.Duration `json:"moved"`
}

// OpenClock starts at the later of now and the latest instant that was shown. Without a given
// now it is the real time, and what the clock was moved on by before.
func OpenClock(path string, given time.Time) (*Clock, error) {
	var f clockFile
	if b, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(b, &f); err != nil {
			return nil, err
		}
	}
	c := &Clock{path: path, began: time.Now(), moved: f.Moved}
	c.start = given
	if given.IsZero() {
		c.start = c.began.Add(f.Moved)
	}
	if f.Shown.After(c.start) {
		c.start = f.Shown
	}
	return c, nil
}

// Now is the instant that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.show()
}

func (c *Clock) show() time.Time { return c.start.Add(time.Since(c.began)).UTC() }

// SetBack moves the clock to an earlier instant, for seeding. Until it has come to the present
// again nothing of it is kept: what is broken off is begun again, at the same present.
func (c *Clock) SetBack(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.home = c.show()
	c.start, c.began = t, time.Now()
}

// MoveTo moves the clock on to an instant, never back.
func (c *Clock) MoveTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	by := t.Sub(c.show())
	if by <= 0 {
		return
	}
	c.start, c.began = t, time.Now()
	switch {
	case c.home.IsZero():
		c.moved += by
	case !t.Before(c.home):
		c.home = time.Time{}
	}
}

// Keep writes down what the clock shows, or will have shown by the next time.
func (c *Clock) Keep(ahead time.Duration) error {
	c.file.Lock()
	defer c.file.Unlock()
	c.mu.Lock()
	away := !c.home.IsZero()
	b, err := json.Marshal(clockFile{c.show().Add(ahead), c.moved})
	c.mu.Unlock()
	if err != nil || away {
		return err
	}
	return replace(c.path, b)
}

// replace writes a file so that a power cut leaves the old one or the new one.
func replace(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
