package casework

import (
	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Figures is the fingerprint of the work that it is to get new figures of an account that nobody can
// read. It is the same each time.
func Figures(account string) string {
	return licence.Fingerprint(account, diagnosis.FiguresNeeded, figuresOf(account))
}

func figuresOf(account string) licence.Subject { return licence.Subject{Kind: "account", ID: account} }

// figuresAsked is the mail that asks the administrator for them, at risk alone: once for as long as
// they are needed.
func (m *settling) figuresAsked() (Notice, bool) {
	fp := Figures(m.s.Account)
	if k := m.h.Desks[fp]; k.Code == "" || !k.Task.ClosedAt.IsZero() || !m.r.Figures().AtRisk {
		return Notice{}, false
	}
	// Apart: nothing is to be read before it.
	v := &diagnosis.Verdict{Apart: true}
	return m.notice(diagnosis.Finding{Code: diagnosis.FiguresNeeded, Fingerprint: fp}, v, diagnosis.Tell{To: licence.Admin, Rank: 1, Max: 1})
}

// figuresBy is when the licence ends of a customer who is on support's list of those whose figures
// are needed; Never: nobody told; "": it is not on the list.
func (m *settling) figuresBy() licence.Date {
	if !m.h.Desks[Figures(m.s.Account)].Task.Open() || !m.tells(licence.Support) {
		return ""
	}
	return m.r.Figures().By
}
