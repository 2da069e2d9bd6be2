package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// ReadFile reads an unsigned body of the standard or the login sender, as files hold them.
// Its id is the optional one beside its type, else the hash of the body.
func ReadFile(body []byte, now time.Time) (Body, error) {
	e, err := open(body)
	if err != nil {
		return Body{}, err
	}
	var beside fileID
	f := &form{}
	if f.fill(body, &beside); f.err() != nil {
		return Body{}, f.err()
	}
	if e.ID = beside.ID; e.ID == "" {
		sum := sha256.Sum256(body)
		e.ID = hex.EncodeToString(sum[:16])
	}
	source := standard.Name
	if e.Type == loginWarned {
		source = loginName
	}
	return e.read(source, now)
}

type fileID struct {
	ID string `json:"id" validate:"omitempty,id"`
}

// A Raw is one body of a file, as its sender would post it.
type Raw struct {
	Body []byte
	Line int // where it begins, from 1
}

// Bodies are those of a file: one, an array of them, or one a line. A fault ends the file,
// and its error names the line.
func Bodies(r io.Reader) iter.Seq2[Raw, error] {
	return func(yield func(Raw, error) bool) {
		all, err := io.ReadAll(r)
		if err != nil {
			yield(Raw{}, err)
			return
		}
		d := jsontext.NewDecoder(bytes.NewBuffer(all))
		array := d.PeekKind() == '['
		if array {
			_, err = d.ReadToken()
		}
		line, counted := 1, 0
		for err == nil {
			kind := d.PeekKind()
			if array && kind == ']' {
				_, err = d.ReadToken()
				array = false
				continue
			}
			var v jsontext.Value
			if v, err = d.ReadValue(); err != nil {
				break
			}
			start := int(d.InputOffset()) - len(v)
			line, counted = line+bytes.Count(all[counted:start], []byte("\n")), start
			if !yield(Raw{bytes.Clone(v), line}, nil) {
				return
			}
		}
		if err != io.EOF || len(bytes.TrimSpace(all)) == 0 {
			yield(Raw{}, place(all, err))
		}
	}
}

// place names where in a file the fault is.
func place(all []byte, err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if len(bytes.TrimSpace(all)) == 0 {
		return malformed(all, err)
	}
	if err == io.ErrUnexpectedEOF {
		line, _ := position(all, int64(len(all)))
		return fmt.Errorf("line %d: the file ends in the middle of a body", line)
	}
	return malformed(all, err)
}
