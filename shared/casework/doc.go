// Package casework says what we owe: what is remembered of findings, who is told, what is to be done.
//
// [Step] puts a fact into a state and settles; [Tick] lets time pass; [Finish] records what became of
// an effect. Settling compares what the diagnosis says now with what has been said, and names the
// effects that are owed: tasks, mails, reads, activations. What is said is always the difference, so
// that no order of events says a thing twice.
//
// All of it is pure: the time is an argument.
package casework
