package casework

import (
	"slices"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// oweTasks owes the sending of each task that was opened, changed or closed. Findings of every
// side are told where the account's mails are; those of the operator's side also where only
// the operator is told.
func (m *settling) oweTasks() {
	for _, fp := range licence.SortedKeys(m.h.Findings) {
		p := m.h.Findings[fp]
		p.Task.Told = m.oweTask(fp, p.Code, p.Task)
	}
	for _, fp := range licence.SortedKeys(m.h.Desks) {
		d := m.h.Desks[fp]
		d.Task.Told = m.oweTask(fp, d.Code, d.Task)
		put(m, &m.h.Desks, fp, d)
	}
}

// oweTask owes one task's telling, if it is not as it was last told, and gives what then is.
func (m *settling) oweTask(fp string, code licence.Code, t licence.Task) string {
	now, roles := "", []licence.Role{t.Owner}
	if t.Beside != "" {
		roles = append(roles, t.Beside)
	}
	if t.Open() {
		now = strings.TrimSpace("open " + string(t.Owner) + " " + string(t.Beside))
	}
	roles = slices.DeleteFunc(roles, func(role licence.Role) bool { return !m.tells(role) })
	if now == t.Told || len(roles) == 0 {
		return t.Told
	}
	why := "changed"
	switch {
	case t.Told == "":
		why = "opened"
	case now == "":
		why = "closed"
	}
	if !m.owes(len(roles)) {
		return t.Told
	}
	for i, role := range roles {
		// Its event is published once, whoever else has a mail of it.
		m.c.Add = append(m.c.Add, licence.Effect{Kind: licence.TaskSent, Ripe: m.now, To: role, About: []licence.About{{Fingerprint: fp}}, Why: why, Code: string(code), Told: i > 0})
	}
	return now
}

// taskDone enters that a task was told.
func (m *settling) taskDone(d licence.Result) {
	if d.Outcome == "failed" {
		return
	}
	unsure := d.Outcome == "uncertain"
	if !unsure {
		m.took(d)
	}
	fp := d.Effect.About[0].Fingerprint
	t := m.h.Threads[fp]
	if goOn(&t, d); t.First != "" {
		put(m, &m.h.Threads, fp, t)
	}
	if p := m.h.Findings[fp]; p != nil {
		p.Task.Unsure = unsure
	}
}

// tells tells whether tasks of that owner go out.
func (m *settling) tells(owner licence.Role) bool {
	switch m.s.MailPolicy() {
	case "off":
		return false
	case "operator":
		return owner.Operator()
	}
	return true
}

// Owe adds effects and rows that no fact brought, such as those of the fleet's account.
func Owe(s licence.State, rows []licence.Row, effects []licence.Effect, now time.Time) licence.Change {
	c := licence.Change{Account: s.Account, N: s.N, Known: s.Known, Rows: slices.Clone(rows), Add: slices.Clone(effects)}
	settle(&c, s, nil, now)
	return c
}
