//go:build !linux

package main

func asNobody() {}
