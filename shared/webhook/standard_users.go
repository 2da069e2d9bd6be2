package webhook

import (
	"fmt"
	"time"

	"seatmend/shared/licence"
)

type seatChanged struct {
	Account      string `json:"account" validate:"required,id,account,path"`
	CustID       string `json:"cust_id" validate:"required,shortid,path"`
	Plan         string `json:"plan" validate:"required,id"`
	Held         *bool  `json:"held" validate:"required"`
	OpenRequests *int   `json:"open_requests" validate:"required,gte=0"`
	User         *user  `json:"user" validate:"required"`
}

type seatsListed struct {
	Account string    `json:"account" validate:"required,id,account,path"`
	CustID  string    `json:"cust_id" validate:"required,shortid,path"`
	Seats   []seatRow `json:"seats" validate:"required,dive"`
}

type seatRow struct {
	Plan         string `json:"plan" validate:"required,id"`
	OpenRequests *int   `json:"open_requests" validate:"required,gte=0"`
	User         *user  `json:"user" validate:"required"`
}

type user struct {
	ID         string    `json:"id" validate:"required,shortid"`
	Name       *string   `json:"name" validate:"required,line"`
	Email      *string   `json:"email" validate:"required,nomail"`
	CanLogin   *bool     `json:"can_login" validate:"required"`
	Admin      *bool     `json:"admin" validate:"required"`
	Protected  *bool     `json:"protected" validate:"required"`
	Waiting    *bool     `json:"waiting_for_approval" validate:"required"`
	LastActive *instant  `json:"last_active" validate:"required"`
	Activity   string    `json:"activity" validate:"omitempty,oneof=known never unknown"`
	Created    instant   `json:"created"`
	Type       string    `json:"type" validate:"omitempty,oneof=employee external system"`
	Group      string    `json:"group" validate:"line"`
	LeaveUntil date      `json:"leave_until"`
	Blockers   []blocker `json:"blockers" validate:"max=20,dive"`
}

type blocker struct {
	Code  string `json:"code" validate:"required,oneof=open-requests category-master mail-filter escalation-level logged-on last-admin reader protected on-leave scim-managed"`
	Count int    `json:"count" validate:"gte=0"`
}

func (w *user) licenceUser() licence.User {
	u := licence.User{
		ID:         w.ID,
		Name:       *w.Name,
		Email:      *w.Email,
		CanLogin:   *w.CanLogin,
		Admin:      *w.Admin,
		Protected:  *w.Protected,
		Waiting:    *w.Waiting,
		LastActive: w.LastActive.Time,
		Activity:   w.Activity,
		Created:    w.Created.Time,
		Kind:       w.Type,
		Group:      w.Group,
		LeaveUntil: licence.Date(w.LeaveUntil),
	}
	if u.Activity == "" {
		u.Activity = "unknown"
		if !u.LastActive.IsZero() {
			u.Activity = "known"
		}
	}
	for _, b := range w.Blockers {
		u.Blockers = append(u.Blockers, licence.Blocker(b))
	}
	return u
}

func (w *seatChanged) payload(*form, time.Time) (string, licence.Payload) {
	return w.Account, licence.SeatChanged{
		CustID: w.CustID, Plan: w.Plan, Held: *w.Held, OpenRequests: *w.OpenRequests, User: w.User.licenceUser(),
	}
}

func (w *seatsListed) payload(f *form, _ time.Time) (string, licence.Payload) {
	list := licence.SeatsListed{CustID: w.CustID, Rows: make([]licence.SeatChanged, 0, len(w.Seats))}
	seen := make(map[[2]string]bool, len(w.Seats))
	plans := map[string]bool{}
	for i, r := range w.Seats {
		key := [2]string{r.User.ID, r.Plan}
		if seen[key] {
			f.say(fmt.Sprintf("data.seats[%d]", i), "must not list a user twice for one plan")
		}
		seen[key], plans[r.Plan] = true, true
		list.Rows = append(list.Rows, licence.SeatChanged{
			CustID: w.CustID, Plan: r.Plan, Held: true, OpenRequests: *r.OpenRequests, User: r.User.licenceUser(),
		})
	}
	if len(plans) > mostPlans {
		f.say("data.seats", fmt.Sprintf("must not name more than %d plans; it names %d", mostPlans, len(plans)))
	}
	return w.Account, list
}

type licenceReported struct {
	Account         string        `json:"account" validate:"required,id,account,path"`
	CustID          string        `json:"cust_id" validate:"required,shortid,path"`
	Serial          string        `json:"serial" validate:"required,id"`
	Version         *string       `json:"version" validate:"required,line"`
	LicensedVersion *string       `json:"licensed_version" validate:"required,line"`
	Maintenance     *date         `json:"maintenance_until" validate:"required"`
	NextCheck       *date         `json:"next_check" validate:"required"`
	AdminWarning    *date         `json:"admin_warning" validate:"required"`
	Expires         *date         `json:"expires" validate:"required"`
	GraceUntil      *date         `json:"grace_until" validate:"required"`
	Offered         *bool         `json:"offered" validate:"required"`
	CanActivate     *bool         `json:"can_activate" validate:"required"`
	Markers         []string      `json:"markers" validate:"required,max=100,dive,id"`
	Plans           []licenceLine `json:"plans" validate:"required,max=200,dive"`
	NewExpires      date          `json:"new_expires"`
	Reason          string        `json:"reason" validate:"note"`
	Status          string        `json:"status" validate:"line"`
	Message         string        `json:"message" validate:"note"`
	Company         string        `json:"company" validate:"line"`
	OfferedSince    date          `json:"offered_since"`
	CheckedAt       instant       `json:"checked_at"`
	Released        date          `json:"released"`
	StatedBy        string        `json:"stated_by" validate:"line"`
}

type licenceLine struct {
	Plan         *string `json:"plan" validate:"required,line"`
	Module       string  `json:"module" validate:"required,id"`
	Description  *string `json:"description" validate:"required,line"`
	Kind         string  `json:"kind" validate:"omitempty,oneof=plan addon hidden suite"`
	Total        *int    `json:"total" validate:"required,gte=0,lte=1000000000"`
	NewTotal     *int    `json:"new_total" validate:"omitempty,gte=0,lte=1000000000"`
	InUse        *int    `json:"in_use" validate:"required,gte=0,lte=1000000000"`
	Unrestricted *bool   `json:"unrestricted" validate:"required"`
}

func (w *licenceReported) payload(f *form, now time.Time) (string, licence.Payload) {
	if w.CheckedAt.After(now.Add(ahead)) {
		// Freshness counts from it: a licence "checked" next year would never be stale.
		f.say("data.checked_at", "must not be more than five minutes ahead of our clock")
	}
	r := licence.LicenceReported{
		CustID:          w.CustID,
		Serial:          w.Serial,
		Version:         *w.Version,
		LicensedVersion: *w.LicensedVersion,
		Maintenance:     licence.Date(*w.Maintenance),
		NextCheck:       licence.Date(*w.NextCheck),
		AdminWarning:    licence.Date(*w.AdminWarning),
		Expires:         licence.Date(*w.Expires),
		GraceUntil:      licence.Date(*w.GraceUntil),
		Offered:         *w.Offered,
		CanActivate:     *w.CanActivate,
		NewExpires:      licence.Date(w.NewExpires),
		Reason:          cut(w.Reason),
		Status:          w.Status,
		Message:         cut(w.Message),
		Company:         w.Company,
		OfferedSince:    licence.Date(w.OfferedSince),
		CheckedAt:       w.CheckedAt.Time,
		Released:        licence.Date(w.Released),
		StatedBy:        w.StatedBy,
		Markers:         w.Markers,
		Plans:           make([]licence.LicenceLine, 0, len(w.Plans)),
	}
	for _, l := range w.Plans {
		r.Plans = append(r.Plans, licence.LicenceLine{
			Plan: *l.Plan, Module: l.Module, Description: *l.Description, Kind: l.Kind,
			Total: *l.Total, NewTotal: l.NewTotal, InUse: *l.InUse, Unrestricted: *l.Unrestricted,
		})
	}
	return w.Account, r
}

type installationReported struct {
	Account string `json:"account" validate:"required,id,account,path"`
	CustID  string `json:"cust_id" validate:"required,shortid,path"`
	State   string `json:"state" validate:"required,oneof=running maintenance suspended deleting deleted delete-failed unknown"`

	// Each of these is absent, or null to take back what was told.
	Version   **string   `json:"version" validate:"omitempty,line"`
	Released  **date     `json:"released"`
	Company   **string   `json:"company" validate:"omitempty,line"`
	Serial    **string   `json:"serial" validate:"omitempty,id"`
	Sync      **string   `json:"sync" validate:"omitempty,oneof=scim"`
	LastFetch **fetch    `json:"last_fetch"`
	Can       **[]string `json:"can" validate:"omitempty,max=20,dive,oneof=read-licence read-users free activate"`
}

type fetch struct {
	At    time.Time `json:"at" validate:"required"`
	OK    *bool     `json:"ok" validate:"required"`
	Error **string  `json:"error" validate:"omitempty,note"` // absent or null where it went well
}

func (w *installationReported) payload(*form, time.Time) (string, licence.Payload) {
	r := licence.InstallationReported{
		CustID:  w.CustID,
		State:   w.State,
		Version: optional(w.Version),
		Company: optional(w.Company),
		Serial:  optional(w.Serial),
		Sync:    optional(w.Sync),
		Can:     optional(w.Can),
	}
	if w.Released != nil {
		r.Released.Told = true
		if *w.Released != nil && **w.Released != "" {
			r.Released = licence.Some(licence.Date(**w.Released))
		}
	}
	if w.LastFetch != nil {
		r.LastFetch.Told = true
		if f := *w.LastFetch; f != nil {
			r.LastFetch = licence.Some(licence.Fetch{At: f.At, OK: *f.OK, Error: text(f.Error)})
		}
	}
	return w.Account, r
}
