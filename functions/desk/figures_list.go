package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"seatmend/shared/licence"
)

// figuresList is the list of customers of whom somebody must tell what the Licences screen says, the
// first to lose its licence first; "": there is none.
func (a mailer) figuresList(ctx context.Context, cal licence.Calendar) (subject, text string, err error) {
	all, _, err := a.entries(ctx)
	if err != nil {
		return "", "", err
	}
	list := slices.DeleteFunc(all, func(e licence.Entry) bool { return e.Figures == "" })
	if len(list) == 0 {
		return "", "", nil
	}
	slices.SortFunc(list, func(a, b licence.Entry) int {
		return cmp.Or(cmp.Compare(a.Figures, b.Figures), cmp.Compare(a.Account, b.Account))
	})
	parts, lines := []string{deskSay("figures.head")}, []string{}
	for _, e := range list[:min(len(list), listed)] {
		name, url := cmp.Or(e.Name, e.Account), a.BaseURL+deskBase(e.Account)
		if e.Figures == licence.Never {
			lines = append(lines, "- "+deskSay("figures.row.never", name, e.Account, url))
		} else {
			lines = append(lines, "- "+deskSay("figures.row", name, e.Account, deskPage{Zone: cal.Zone}.Day(e.Figures), url))
		}
	}
	if more := len(list) - listed; more > 0 {
		lines = append(lines, deskSay("list.more", counted("customers", more)))
	}
	parts = append(parts, strings.Join(lines, "\n"), deskSay("figures.how"))
	return deskSay("figures.subject", counted("customers", len(list))), strings.Join(parts, "\n\n") + "\n", nil
}
