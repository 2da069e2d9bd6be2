// Package storetest holds every store to the law of package store.
//
// [Run] is the law as tests. [Faulty] is a store whose calls fail on purpose, before or after
// they were kept, and [Faults] puts a scenario through every such failure. [Dynamo] starts a
// server that speaks DynamoDB.
package storetest
