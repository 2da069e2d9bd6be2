package licence

// The customer has cancelled: a decision, not a fault. It hides what would be asked of the
// customer otherwise.
func subscriptionEnded(r *Reading) []Verdict {
	if len(r.K.Orders.Subs) == 0 {
		return nil
	}
	v := Verdict{
		Subject: Subject{Kind: "account", ID: r.Account}, Answer: Fails, Say: "live", Owner: Nobody, Severity: "low",
		Informed: []Role{Sales}, Args: map[string]any{},
	}
	site := r.Worst()
	var end Date
	var last Reg[SubscriptionChanged]
	all, told := true, false
	for _, sub := range r.K.Orders.Subs {
		now, _ := sub.Latest()
		if len(sub.Now) == 0 {
			continue
		}
		told = true
		p := now.Value
		ends := p.EndsAt.Day(r.Cal.Zone)
		ended := r.ended(p)
		soon := ends != "" && site != nil && site.ExpiresOn != "" && ends <= site.ExpiresOn.Add(Reach)
		if !ended && !soon {
			all = false
		}
		if ended && ends == "" {
			ends = DateOf(now.At, r.Cal.Zone)
		}
		end = max(end, ends)
		if now.After(last.Stamp) {
			last = now
		}
	}
	if !told {
		return nil
	}
	v.Evidence = []Evidence{{"status", last.Value.Status, last.Source, last.At, ""}}
	if !all {
		return []Verdict{v}
	}
	v.Answer, v.Say = Holds, "a"
	v.Args["end"] = end
	v.Evidence = []Evidence{{"ends_at", end, last.Source, last.At, "ends"}}
	v.Waits = []Wait{{For: "settle", Span: Settling}}
	v.Explains = r.explains("subscription-ended")
	v.Deadline = Deadline{ActBy: r.Cal.Before(end, 0), At: end, Consequence: "ended"}
	rank := 1
	start := end.Start(r.Cal.Zone)
	if r.C.Past(start.AddDate(0, 0, -30)) {
		rank = 2
	}
	if r.C.Past(start.AddDate(0, 0, -7)) {
		rank = 3
	}
	v.Tell = []Tell{{To: Admin, Rank: rank, Max: 3}}
	return []Verdict{v}
}
