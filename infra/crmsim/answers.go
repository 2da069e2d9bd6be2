package crmsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// wire encodes as SuperOffice does: characters such as < and & as they are.
func wire(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

func answer(w http.ResponseWriter, v any) { send(w, http.StatusOK, v) }

func send(w http.ResponseWriter, status int, v any) {
	body, err := wire(v)
	if err != nil {
		broken(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body)
}

// done is the answer of what has nothing to say.
func done(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }

func restError(w http.ResponseWriter, status int, kind, text string) {
	note(w, text)
	send(w, status, map[string]any{"Error": true, "ErrorType": kind, "ErrorMessage": text, "ErrorSource": "SuperOffice.Services.Implementation"})
}

func unauthorized(w http.ResponseWriter, text string) {
	restError(w, http.StatusUnauthorized, "SoSessionException", text)
}

func deny(w http.ResponseWriter, text string) {
	restError(w, http.StatusForbidden, "SoSecurityException", text)
}

func notFound(w http.ResponseWriter, text string) {
	restError(w, http.StatusNotFound, "SoNotFoundException", text)
}

func malformed(w http.ResponseWriter, what string) {
	note(w, "not understood: "+what)
	send(w, http.StatusBadRequest, map[string]string{"Message": "The request is invalid.", "MessageDetail": what})
}

func wrongHost(w http.ResponseWriter) {
	const text = "Wrong subdomain used to access tenant"
	note(w, text)
	http.Error(w, text, http.StatusMisdirectedRequest)
}

func htmlError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, "<!doctype html><title>SuperOffice</title><h1>We will be back soon</h1>")
}

// broken is a fault of the simulator itself.
func broken(w http.ResponseWriter, err error) {
	note(w, "the simulator is broken: "+err.Error())
	http.Error(w, err.Error(), http.StatusInternalServerError)
}
