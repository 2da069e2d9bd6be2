package desk

import (
	"encoding/json"
	"slices"
	"strings"

	"seatmend/functions/app"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// Whose a message may be that no customer is known for: a person decides, never we.

const (
	mostScraps = 4 // names and mail domains by which customers are looked for
	mostMaybe  = 3
)

// scrapsOf are the names of companies and the mail domains in a body.
func scrapsOf(body []byte) (out []string) {
	var walk func(key string, x any)
	walk = func(key string, x any) {
		switch x := x.(type) {
		case map[string]any:
			_, person := x["email"] // whose name says nothing of whose customer
			for _, k := range licence.SortedKeys(x) {
				if k != "name" || !person {
					walk(k, x[k])
				}
			}
		case []any:
			for _, y := range x {
				walk(key, y)
			}
		case string:
			_, domain, mail := strings.Cut(x, "@")
			switch {
			case mail && strings.Contains(domain, ".") && !strings.Contains(x, " "):
				out = append(out, domain)
			case slices.Contains([]string{"name", "company", "customer_name"}, key) && len(x) > 3:
				out = append(out, x)
			}
		}
	}
	var whole any
	if json.Unmarshal(body, &whole) == nil {
		walk("", whole)
	}
	return once(out)[:min(len(once(out)), mostScraps)]
}

// maybeOf are the customers who are found by them.
func (v *deskVisit) maybeOf(body []byte) (out []licence.Entry, err error) {
	for _, scrap := range scrapsOf(body) {
		list, _, err := v.Engine.Find(v.r.Context(), app.Short(scrap), store.Page{Limit: mostMaybe})
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if len(out) < mostMaybe && !slices.ContainsFunc(out, func(x licence.Entry) bool { return x.Account == e.Account }) {
				out = append(out, e)
			}
		}
	}
	return out, nil
}
