package webhook

import (
	"fmt"
	"strings"
	"time"

	"seatmend/shared/licence"
)

// mostNames is how many names an account may claim: they are all stored in one commit.
const mostNames = 80

// mostPlans is how many plans there may be: in the directory, a licence, a list of seats.
const mostPlans = 200

type accountChanged struct {
	Account       string        `json:"account" validate:"required,id,account,path"`
	Name          string        `json:"name" validate:"required,line"`
	Locale        string        `json:"locale" validate:"required,lang"`
	Timezone      string        `json:"timezone" validate:"required,zone"`
	Model         string        `json:"model" validate:"required,oneof=plans suite"`
	Contacts      []contact     `json:"contacts" validate:"required,max=100,dive"`
	Installations []accountInst `json:"installations" validate:"required,max=80,dive"`
	Billing       []mapping     `json:"billing" validate:"required,max=80,dive"`
	Plans         []plan        `json:"plans" validate:"required,max=200,dive"`

	// Each of these is absent, or null to take back what was told.
	Mail     **string   `json:"mail" validate:"omitempty,oneof=on review operator off"`
	Country  **string   `json:"country" validate:"omitempty,country"`
	Payer    **string   `json:"payer" validate:"omitempty,id"`
	Extend   **extend   `json:"extend"`
	NotSeats **[]string `json:"not_seats" validate:"omitempty,max=200,dive,id"`
}

type contact struct {
	ID        string `json:"id" validate:"required,id"`
	Name      string `json:"name" validate:"required,line"`
	Email     string `json:"email" validate:"required,mail"`
	Role      string `json:"role" validate:"required,oneof=admin billing partner"`
	Locale    string `json:"locale" validate:"required,lang"`
	User      string `json:"user" validate:"omitempty,shortid"`
	Left      date   `json:"left"`
	AwayUntil date   `json:"away_until"`
	Rank      int    `json:"rank"`
}

type accountInst struct {
	CustID    string   `json:"cust_id" validate:"required,shortid,path"`
	Serial    string   `json:"serial" validate:"required,id"`
	Kind      string   `json:"kind" validate:"required,oneof=production trial sandbox"`
	Hosting   string   `json:"hosting" validate:"required,oneof=online onsite"`
	URL       *string  `json:"url" validate:"required,web"`
	Serials   []string `json:"serials" validate:"max=80,dive,id"`
	KeepUntil date     `json:"keep_until"`
	ClosedAt  date     `json:"closed_at"`
	Fetch     string   `json:"fetch" validate:"omitempty,oneof=web file"`
	Company   string   `json:"company" validate:"line"`
}

type mapping struct {
	Sender       string `json:"sender" validate:"required,id,biller"`
	ID           string `json:"id" validate:"required,id"`
	Mode         string `json:"mode" validate:"omitempty,oneof=live test"`
	Subscription string `json:"subscription" validate:"omitempty,id"`
}

type plan struct {
	Plan    string   `json:"plan" validate:"required,id"`
	Name    string   `json:"name" validate:"required,line"`
	Module  string   `json:"module" validate:"required_without=Modules,omitempty,id"`
	Modules []string `json:"modules" validate:"max=200,dive,id"`
	Prices  []string `json:"prices" validate:"required,max=200,dive,id"`
	Family  string   `json:"family" validate:"omitempty,id"`
	Kind    string   `json:"kind" validate:"omitempty,oneof=plan addon"`
	Counted string   `json:"counted" validate:"omitempty,oneof=licensed used"`
}

type extend struct {
	On         string `json:"on" validate:"required,oneof=payment issued hand"`
	WithinDays *int   `json:"within_days" validate:"omitempty,gte=0,lte=366"`
}

func (w *accountChanged) payload(f *form, _ time.Time) (string, licence.Payload) {
	a := licence.AccountChanged{
		Account:       w.Account,
		Name:          w.Name,
		Locale:        w.Locale,
		Timezone:      w.Timezone,
		Model:         w.Model,
		Contacts:      []licence.Contact{},
		Installations: []licence.Installation{},
		Billing:       []licence.Mapping{},
		Plans:         []licence.Plan{},
		Mail:          optional(w.Mail),
		Country:       optional(w.Country),
		Payer:         optional(w.Payer),
		NotSeats:      optional(w.NotSeats),
	}
	if w.Extend != nil {
		a.Extend.Told = true
		if e := *w.Extend; e != nil {
			days := 3
			if e.WithinDays != nil {
				days = *e.WithinDays
			}
			a.Extend = licence.Some(licence.Extend{On: e.On, WithinDays: days})
		}
	}
	once := onces{form: f}
	for i, c := range w.Contacts {
		once.see(fmt.Sprintf("data.contacts[%d].id", i), "contact", c.ID)
		a.Contacts = append(a.Contacts, licence.Contact{
			ID: c.ID, Name: c.Name, Email: c.Email, Role: licence.Role(c.Role), Locale: c.Locale,
			User: c.User, Left: licence.Date(c.Left), AwayUntil: licence.Date(c.AwayUntil), Rank: c.Rank,
		})
	}
	for i, in := range w.Installations {
		once.see(fmt.Sprintf("data.installations[%d].cust_id", i), "installation", strings.ToLower(in.CustID))
		a.Installations = append(a.Installations, licence.Installation{
			CustID: in.CustID, Serial: in.Serial, Kind: in.Kind, Hosting: in.Hosting, URL: *in.URL,
			Serials: in.Serials, KeepUntil: licence.Date(in.KeepUntil), ClosedAt: licence.Date(in.ClosedAt),
			Fetch: in.Fetch, Company: in.Company,
		})
	}
	for _, m := range w.Billing {
		a.Billing = append(a.Billing, licence.Mapping(m))
	}
	for i, p := range w.Plans {
		once.see(fmt.Sprintf("data.plans[%d].plan", i), "plan", p.Plan)
		a.Plans = append(a.Plans, licence.Plan(p))
	}
	if names := len(licence.Names(a)); names > mostNames {
		f.say("data", fmt.Sprintf("must not claim more than %d names (account, billing, cust_ids and serials); it claims %d", mostNames, names))
	}
	return w.Account, a
}

// onces refuses what stands twice in a list: which of the two holds would be a guess.
type onces struct {
	form *form
	seen map[[2]string]bool
}

func (o *onces) see(field, kind, id string) {
	if o.seen == nil {
		o.seen = map[[2]string]bool{}
	}
	key := [2]string{kind, id}
	if o.seen[key] {
		o.form.say(field, "must not stand twice in the list")
	}
	o.seen[key] = true
}
