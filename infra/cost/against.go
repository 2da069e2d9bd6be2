package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rounds is how often each of two builds is measured, in turn; the median counts.
const rounds = 3

// A stepCost is what one event took: nanoseconds, bytes and allocations.
type stepCost [3]float64

// against compares BenchmarkStep of this checkout with that of a commit.
func against(ctx context.Context, out io.Writer, commit string) error {
	dir, err := os.MkdirTemp("", "seatmend-against-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := exec.CommandContext(ctx, "git", "worktree", "add", "--detach", dir, commit).Run(); err != nil {
		return fmt.Errorf("git worktree add %s: %w", commit, err)
	}
	defer exec.Command("git", "worktree", "remove", "--force", dir).Run()
	here, there := map[string][]stepCost{}, map[string][]stepCost{}
	for range rounds {
		for _, b := range []struct {
			dir  string
			into map[string][]stepCost
		}{{".", here}, {dir, there}} {
			if err := benchStep(ctx, b.dir, b.into); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(out, "Step here against %s, the median of %d rounds in turn\n\n| event | time | allocations | bytes | here |\n|---|---|---|---|---|\n", commit, rounds)
	names := make([]string, 0, len(here))
	for name := range here {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h, t := medians(here[name]), medians(there[name])
		fmt.Fprintf(out, "| %s | 1/%.1f | 1/%.1f | 1/%.1f | %.3f ms, %.0f allocations, %.0f B |\n", name, t[0]/h[0], t[2]/h[2], t[1]/h[1], h[0]/1e6, h[2], h[1])
	}
	return nil
}

var stepLine = regexp.MustCompile(`(?m)^BenchmarkStep/(\w+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op\s+(\d+) B/op\s+(\d+) allocs/op`)

// benchStep runs the benchmark of a checkout, in whatever package it lies there.
func benchStep(ctx context.Context, dir string, into map[string][]stepCost) error {
	files, _ := filepath.Glob(filepath.Join(dir, "shared", "*", "bench_test.go"))
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(source, []byte("func BenchmarkStep(")) {
			continue
		}
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkStep$", "-benchtime", "500ms", "./"+strings.TrimPrefix(filepath.ToSlash(filepath.Dir(file)), filepath.ToSlash(dir)+"/"))
		cmd.Dir = dir
		text, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, m := range stepLine.FindAllStringSubmatch(string(text), -1) {
			var c stepCost
			for i := range c {
				c[i], _ = strconv.ParseFloat(m[2+i], 64)
			}
			into[m[1]] = append(into[m[1]], c)
		}
		return nil
	}
	return fmt.Errorf("%s has no BenchmarkStep", dir)
}

// medians are those of each measure.
func medians(all []stepCost) (m stepCost) {
	for i := range m {
		var of []float64
		for _, c := range all {
			of = append(of, c[i])
		}
		if slices.Sort(of); len(of) > 0 {
			m[i] = of[len(of)/2]
		}
	}
	return m
}
