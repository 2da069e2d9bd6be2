package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
)

//go:embed prices.json
var priceList []byte

// prices are what AWS charges and how a customer lives, both as they were read or reckoned.
type prices struct {
	Read   string             `json:"read"`
	Region string             `json:"region"`
	Prices map[string]price   `json:"prices"`
	Month  map[string]float64 `json:"month"` // of one customer: how often each row of cost.md happens
	Model  model              `json:"model"`
}

type price struct {
	Each   float64 `json:"each"` // US dollars
	Per    float64 `json:"per"`  // of so many
	Source string  `json:"source"`
}

type model struct {
	RequestMillis  float64 `json:"request_ms"` // of a function of 256 MB, its waiting for the table included
	DeliverMillis  float64 `json:"deliver_ms"`
	SweepMillis    float64 `json:"sweep_ms"`
	LogBytes       float64 `json:"log_bytes"` // of a request
	CustomerMB     float64 `json:"customer_mb"`
	TasksPerMail   float64 `json:"tasks_per_mail"`
	AlarmedMetrics float64 `json:"alarmed_metrics"`
	MemoryMB       float64 `json:"memory_mb"`
	SweepMB        float64 `json:"sweep_mb"`
}

var costRow = regexp.MustCompile(`(?m)^\| ([^|]+?) \| [^|]+ \| ([^|]+?) \| [^|]+ \| ([^|]+?) \|$`)

// rows are, by their names, the units of cost.md at 1,000 seats: read and written, the delivery included.
func rows(text string) map[string][2]float64 {
	out := map[string][2]float64{}
	for _, m := range costRow.FindAllStringSubmatch(text, -1) {
		var sum [2]float64
		known := false
		for _, cell := range m[2:] {
			parts := strings.Split(cell, " · ")
			if len(parts) != 3 {
				continue
			}
			for i := range sum {
				n, err := strconv.ParseFloat(parts[i+1], 64)
				known = known || err == nil
				sum[i] += n
			}
		}
		if known {
			out[m[1]] = sum
		}
	}
	return out
}

func cost(_ context.Context, f *flag.FlagSet, args []string, out io.Writer) (int, error) {
	file := f.String("units", "infra/decisions/cost.md", "what events cost in units")
	own := f.String("prices", "", "a file of prices in place of the built-in one, such as of another region")
	if err := f.Parse(args); err != nil {
		return 2, err
	}
	text, err := os.ReadFile(*file)
	if err != nil {
		return 2, err
	}
	list := priceList
	if *own != "" {
		if list, err = os.ReadFile(*own); err != nil {
			return 2, err
		}
	}
	var p prices
	if err := json.Unmarshal(list, &p); err != nil {
		return 2, err
	}
	units := rows(string(text))
	for name := range p.Month {
		if _, ok := units[name]; !ok {
			return 2, fmt.Errorf("%s has no row %q", *file, name)
		}
	}
	fmt.Fprintf(out, "US dollars a month, without any free tier. Prices of %s, %s.\n\n", p.Region, p.Read)
	fmt.Fprintf(out, "| what | 100 customers | 2,000 customers |\n|---|---|---|\n")
	few, many := p.bill(units, 100), p.bill(units, 2000)
	var sum [2]float64
	for i, line := range few {
		fmt.Fprintf(out, "| %s | %.2f | %.2f |\n", line.what, line.dollars, many[i].dollars)
		sum[0] += line.dollars
		sum[1] += many[i].dollars
	}
	fmt.Fprintf(out, "| **all** | **%.2f** | **%.2f** |\n", sum[0], sum[1])
	return 0, nil
}

type line struct {
	what    string
	dollars float64
}

// bill is a month of so many customers.
func (p prices) bill(units map[string][2]float64, customers float64) []line {
	var read, written, requests, mails float64
	for name, times := range p.Month {
		n := times * customers
		read += n * units[name][0]
		written += n * units[name][1]
		if name == "a day passes, a mail goes" {
			mails += n
		} else {
			requests += n
		}
	}
	const sweeps = 30 * 24 * 12
	const programs = 10 // each reads the secret when it begins, and once in five minutes: as often as one sweeps
	of := func(name string, n float64) float64 { return n / p.Prices[name].Per * p.Prices[name].Each }
	seconds := (requests*(p.Model.RequestMillis+p.Model.DeliverMillis)*p.Model.MemoryMB + sweeps*p.Model.SweepMillis*p.Model.SweepMB) / 1000 / 1024 // of a GB
	calls := 2*requests + sweeps
	tasks := mails * p.Model.TasksPerMail
	stored := customers * p.Model.CustomerMB / 1024
	logs := calls * p.Model.LogBytes / (1 << 30)
	return []line{
		{"DynamoDB: writes", of("dynamodb_write", written)},
		{"DynamoDB: reads", of("dynamodb_read", read)},
		{"DynamoDB: storage, and its recovery", of("dynamodb_storage", stored) + of("dynamodb_recovery", stored)},
		{"Lambda", of("lambda_request", calls) + of("lambda_arm_second", seconds)},
		{"HTTP API", of("http_api", requests)},
		{"mail (SES)", of("ses", mails+tasks)},
		{"events and schedule", of("eventbridge", tasks+sweeps)},
		{"logs", of("logs", 2*logs)},
		{"alarms, metrics and dashboard", of("alarm_metric", p.Model.AlarmedMetrics) + of("custom_metric", 2) + of("dashboard", 1)},
		{"secret, and reading it", of("secret", 1) + of("secret_read", sweeps+min(2*requests, programs*sweeps))},
	}
}
