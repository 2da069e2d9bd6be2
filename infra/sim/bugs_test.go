package sim

import (
	"net/http"

	"seatmend/shared/effects"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// A bug is one that is planted: what stands between the product and its world does something wrong.
type bug struct {
	name   string
	store  func(w *world, p *process, db store.Store) store.Store
	send   func(w *world, send effects.Sender) effects.Sender
	do     func(w *world, p *process, kind licence.Kind, do engine.Executor) engine.Executor
	engine func(w *world, e *engine.Engine)
	door   func(w *world, h http.Handler) http.Handler
}
