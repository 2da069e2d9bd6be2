package crmsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// file is what is kept on disk.
type file struct {
	Version int
	App     *registration
	Tenants map[string]Tenant
}

// Load reads the tenants from a file, which need not exist yet, and keeps them there
// from now on: what a change answered is on disk before the answer. The application that is
// registered here is kept with them, so that its secret and its key outlive a restart.
func (s *Sim) Load(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		f := file{Tenants: map[string]Tenant{}}
		if err := json.Unmarshal(raw, &f); err != nil {
			return fmt.Errorf("crmsim: %s: %w", path, err)
		}
		s.tenants = f.Tenants
		if f.App != nil {
			s.app = f.App
		}
	}
	s.path = path
	if s.app == nil {
		s.app = ownApp()
	}
	return save(path, s.app, s.tenants)
}

// save never leaves half a file: the old one stands until the new one is whole and on disk.
func save(path string, app *registration, tenants map[string]Tenant) error {
	raw, err := json.MarshalIndent(file{Version: 1, App: app, Tenants: tenants}, "", " ")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // after the rename there is nothing left to remove
	_, err = temp.Write(raw)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	// The rename itself is on disk only when the folder is.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
