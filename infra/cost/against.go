package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
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

// checkout is a work tree of a commit, until it is dropped.
func checkout(ctx context.Context, commit string) (dir string, drop func(), err error) {
	if dir, err = os.MkdirTemp("", "seatmend-against-"); err != nil {
		return "", nil, err
	}
	if said, err := exec.CommandContext(ctx, "git", "worktree", "add", "--detach", dir, commit).CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return "", nil, fmt.Errorf("git worktree add %s: %w: %s", commit, err, said)
	}
	return dir, func() {
		exec.Command("git", "worktree", "remove", "--force", dir).Run()
		os.RemoveAll(dir)
	}, nil
}

// A ratio is what a step took in a commit for each unit that it takes here: of time, bytes and allocations.
type ratio struct {
	event       string
	times, here stepCost
}

// steps compares BenchmarkStep of this checkout with that of another.
func steps(ctx context.Context, dir string) (all []ratio, err error) {
	here, there := map[string][]stepCost{}, map[string][]stepCost{}
	for range rounds {
		for _, b := range []struct {
			dir  string
			into map[string][]stepCost
		}{{".", here}, {dir, there}} {
			if err := benchStep(ctx, b.dir, b.into); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(here)) {
		h, t := medians(here[name]), medians(there[name])
		all = append(all, ratio{name, stepCost{t[0] / h[0], t[1] / h[1], t[2] / h[2]}, h})
	}
	return all, nil
}

// against prints that comparison with a commit.
func against(ctx context.Context, out io.Writer, commit string) error {
	dir, drop, err := checkout(ctx, commit)
	if err != nil {
		return err
	}
	defer drop()
	all, err := steps(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Step here against %s, the median of %d rounds in turn\n\n| event | time | allocations | bytes | here |\n|---|---|---|---|---|\n", commit, rounds)
	for _, r := range all {
		fmt.Fprintf(out, "| %s | 1/%.1f | 1/%.1f | 1/%.1f | %.3f ms, %.0f allocations, %.0f B |\n", r.event, r.times[0], r.times[2], r.times[1], r.here[0]/1e6, r.here[2], r.here[1])
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
