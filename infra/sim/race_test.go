//go:build race

package sim

// raced: the race detector watches, and all takes ten times as long.
const raced = true
