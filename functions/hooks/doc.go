// Package hooks is where senders speak: the raw body is verified, decoded to facts by package webhook,
// and applied by package engine, which answers when the fact is durable. What the account then owes
// lies in its outbox: the stream wakes the delivery, and the sweep wakes it too.
//
// It links nothing that makes a page or a mail: a door is to be open at once.
package hooks
