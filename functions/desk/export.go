package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"seatmend/shared/casework"
	"seatmend/shared/engine"
	"seatmend/shared/licence"
	"seatmend/shared/store"
)

// cutAt are the rows of a table, with a last one that says so where it is not whole.
func (v *deskVisit) cutAt(rows [][]string, whole bool) [][]string {
	if whole {
		return rows
	}
	return append(rows, []string{v.g.say("export.cut")})
}

// caseColumns are what a table of customers has.
var caseColumns = []string{"board.actby", "board.customer", "export.account", "board.installation", "board.hosting", "board.what", "board.whose", "board.how", "export.phase", "board.assigned", "board.contact", "board.language", "nav.drafts", "board.ahead", "export.asof"}

// exportBoard is a list of customers as a table, whole up to what a list looks at.
func (v *deskVisit) exportBoard(d *filters, cases []licence.Entry, whole bool) error {
	var head []string
	for _, key := range caseColumns {
		head = append(head, v.g.say(key))
	}
	var rows [][]string
	for _, e := range cases {
		rows = append(rows, v.g.caseRow(d, e))
	}
	return v.table("cases", head, v.cutAt(rows, whole))
}

// caseRow is one customer of a list.
func (g tongue) caseRow(d *filters, e licence.Entry) []string {
	return []string{
		string(e.ActBy), e.Name, e.Account, e.CustID, g.text("hosting.")(e.Hosting), g.all("cause.", d.What(e)), g.all("owner.", d.Whose(e)), g.text("state.")(e.Summary), g.text("phase.")(e.Phase),
		e.Assigned, string(e.Contact), g.text("lang.")(spoken(e)), strconv.Itoa(e.Drafts), g.coming(e), string(e.AsOf),
	}
}

// exportFound is what a search has found.
func (v *deskVisit) exportFound(find func(context.Context, store.Page) ([]licence.Entry, store.Page, error)) error {
	return paged(v, "found", find, func(e licence.Entry) []string { return v.g.caseRow(&filters{g: v.g}, e) }, caseColumns...)
}

// mostRows is how many rows the table of another list has at most, and of how many customers a table
// has the drafts: each is read. A last row says where there are more.
const mostRows = 500

// exportDrafts is what waits for a decision, a row for each mail.
func (v *deskVisit) exportDrafts(list []licence.Entry) error {
	var rows [][]string
	for _, e := range list[:min(len(list), mostRows)] {
		mails, err := v.draftsFor(v.r.Context(), e.Account)
		if err != nil {
			return err
		}
		for _, m := range mails {
			rows = append(rows, []string{string(e.ActBy), e.Name, e.Account, m.To, v.g.text("lang.")(m.Lang), m.Subject, v.g.whyText(m.Why)})
		}
	}
	return v.listed("drafts", rows, len(list) <= mostRows, "board.actby", "board.customer", "export.account", "export.to", "board.language", "export.subject", "export.why")
}

// exportRejected is what could not be used, without the bodies.
func (v *deskVisit) exportRejected() error {
	return paged(v, "rejected", v.Store.Rejections, func(x store.Rejected) []string {
		return []string{v.instant(x.At), x.Sender, x.Message, x.Code, x.ID}
	}, "parked.at", "export.sender", "export.why", "export.code", "export.id")
}

// exportUnmatched is what no customer is known for, without the bodies.
func (v *deskVisit) exportUnmatched() error {
	return paged(v, "unmatched", v.Store.Unmatched, func(f store.StoredFact) []string {
		line := parkedOf(f)
		return []string{v.instant(line.At), line.Under, line.Type, line.ID}
	}, "parked.at", "parked.under", "parked.type", "export.id")
}

// exportFleet is what is to be done, or was done, that is about no customer.
func (v *deskVisit) exportFleet() error {
	if v.r.URL.Query().Get("of") == "deeds" {
		read := func(ctx context.Context, p store.Page) ([]auditRow, store.Page, error) {
			return v.audits(ctx, store.Operations, p)
		}
		return paged(v, "deeds", read, func(x auditRow) []string { return []string{v.instant(x.At), x.By, v.g.deedText(x.Did, x.Of)} }, "fleet.at", "fleet.by", "fleet.did")
	}
	return paged(v, "tasks", v.openTasks, func(t engine.FleetTask) []string {
		about := v.g.text("cause.")(t.Code)
		if t.Subject.Kind == "country" {
			about = v.g.say("fleet.country")
		}
		return []string{t.Case, about, t.Subject.ID, v.g.text("owner.")(t.Owner), v.instant(t.OpenedAt)}
	}, "tasks.case", "tasks.about", "export.code", "tasks.owner", "tasks.opened")
}

// instant is a time in a table, by the operator's clock.
func (v *deskVisit) instant(t time.Time) string { return t.In(v.zone()).Format(time.RFC3339) }

// paged is a list that a store gives by pages, as a table.
func paged[T any](v *deskVisit, name string, read func(context.Context, store.Page) ([]T, store.Page, error), row func(T) []string, head ...string) error {
	var rows [][]string
	page := store.Page{Limit: 100, Bytes: pageBytes}
	for {
		list, next, err := read(v.r.Context(), page)
		if err != nil {
			return err
		}
		for _, x := range list {
			rows = append(rows, row(x))
		}
		if page.Cursor = next.Cursor; page.Cursor == "" || len(rows) >= mostRows {
			return v.listed(name, rows[:min(len(rows), mostRows)], page.Cursor == "" && len(rows) <= mostRows, head...)
		}
	}
}

// listed answers with rows under names of the page's columns, and says where they are not all.
func (v *deskVisit) listed(name string, rows [][]string, whole bool, head ...string) error {
	names := make([]string, len(head))
	for i, key := range head {
		names[i] = v.g.say(key)
	}
	if !whole {
		rows = append(rows, []string{v.g.say("export.cut.rows")})
	}
	return v.table(name, names, rows)
}

// all says several codes.
func (g tongue) all(prefix string, codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, g.text(prefix)(c))
	}
	return strings.Join(out, ", ")
}

// coming is the first of what is to come.
func (g tongue) coming(e licence.Entry) string {
	if len(e.Ahead) == 0 {
		return ""
	}
	return string(e.Ahead[0].Day) + " " + g.text("cause.")(e.Ahead[0].Code)
}

// mostNeeded is how many customers the sheet of figures has at most: each is read whole.
const mostNeeded = 500

// figuresName is the name of the sheet of figures: where it is not whole, it says so. The importer would take
// a row that says it for a customer.
func figuresName(needed int) string {
	if needed <= mostNeeded {
		return "figures-needed"
	}
	return fmt.Sprintf("figures-needed-first-%d-of-%d", mostNeeded, needed)
}

// figuresSheet is the sheet in which somebody writes what the Licences screens of those customers say whose
// figures are needed, the first to lose their licence first. The importer takes it in.
func figuresSheet(v *deskVisit) error {
	ctx := v.r.Context()
	list, err := store.FiguresNeeded(ctx, v.Store)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, e := range list[:min(len(list), mostNeeded)] {
		l, err := v.Store.Load(ctx, e.Account, store.Want{})
		if err != nil {
			return err
		}
		rows = append(rows, casework.FiguresRows(l.State, v.Now())...)
	}
	return v.table(figuresName(len(list)), casework.FiguresColumns, rows)
}
