package crmsim

import (
	"slices"
	"time"
)

// What a tenant may grant to the application that calls it. What is not granted is refused.
const (
	ReadLicence = "read-licence"
	ReadUsers   = "read-users"
	Activate    = "activate"
	Tickets     = "tickets"  // change requests
	Messages    = "messages" // show a message inside SuperOffice
	Webhooks    = "webhooks"
	ListPeople  = "list-people"  // the lists to choose from, where no archive is
	ManageUsers = "manage-users" // what SuperOffice Online gives to hardly anybody
)

// capabilities lists them with what a person would call them.
func capabilities() []choice {
	return []choice{
		{ReadLicence, "read the licence"},
		{ReadUsers, "read users and requests"},
		{Activate, "activate a licence"},
		{Tickets, "change requests"},
		{Messages, "show messages"},
		{Webhooks, "register webhooks"},
		{ListPeople, "list people without their columns"},
		{ManageUsers, "manage users"},
	}
}

// Kinds of module.
const (
	Plan   = "plan"
	Addon  = "addon"
	Hidden = "hidden" // comes with plans that include it
	Suite  = "suite"  // held by everybody who can log in
	System = "system" // of system users, whom no list of employees shows
)

// Onsite is the Hosting of a server at the customer's. The login host does not know it.
const Onsite = "onsite"

// A Tenant is one installation: its licence, the one that waits, and its people.
// Dates are yyyy-mm-dd, "" for none.
type Tenant struct {
	CustID  string
	Serial  string
	Company string
	// Kind is production, trial or sandbox; the two latter mark the licence.
	Kind     string
	Version  string // what runs, such as 12.2
	Released string
	State    string // as the state API says it; "" is Running
	Host     string // the numbered host where it lives, such as online3; "" is the address that was asked

	// Hosting is online ("") or Onsite. An onsite server takes User and Password, or Ticket.
	Hosting                string
	User, Password, Ticket string
	Offline                bool // the licence server cannot be reached: the offer comes in a file

	LicensedVersion                                                string // "" is Version
	NextCheck, AdminWarning, Expires, GraceUntil, MaintenanceUntil string

	// Status is the licence system's word, with its text and link; "" follows the offer.
	Status, StatusText, StatusURL string

	Markers []string // site licences beside those that Kind gives
	Modules []Module
	Offer   *Offer // the licence that waits to be activated; nil: none
	Auto    bool   // activates by itself once NextCheck is past and all fits, as most do
	Users   []User

	Grants        []string
	Revoked       bool // the administrator has withdrawn the approval
	RefusalStatus int  // of user management that is not granted; 0 is 403
	Fault         Fault

	Hooks    []Hook
	Variant  Variant           // what is odd about its webhooks
	Messages []Message         // shown inside SuperOffice
	Touched  map[int]time.Time // when a request was changed last
	Undone   []Undone          // what the directory will give back

	by   int    // who makes the present change; 0 is the administrator
	news []news // what webhooks the present change owes
}

// A Module is a user licence. Total is what the present licence has, NewTotal what
// the offer has; 0 is said as SuperOffice says it, by leaving the module out.
type Module struct {
	Name         string
	Description  string
	Kind         string
	Total        int
	NewTotal     int
	Unrestricted bool
	Includes     []string // of a plan: the hidden modules that come with it
	Used         int      // of a module of system users: by how many
}

// An Offer is what a new licence changes beside the totals. What is "" stays as it is.
type Offer struct {
	Company, Serial                                                string
	LicensedVersion                                                string
	NextCheck, AdminWarning, Expires, GraceUntil, MaintenanceUntil string
	// Refusal is why the licence system would not activate it although all fits; "" is no reason.
	Refusal string
}

// A User is somebody in the tenant. ID is the associate's id.
type User struct {
	ID             int
	Name           string
	Email          string
	Group          string
	Admin          bool
	CanLogin       bool
	Waiting        bool      // waits for approval
	Retired        bool      // former employee: holds nothing
	LastLogin      time.Time // zero: never
	Created        time.Time
	OpenRequests   int
	Postponed      int  // how many of the open ones are postponed
	CategoryMaster bool // of a request category: may not be taken away either
	Plans          []string
	Requests       []int // the ids of the open requests; Put makes those that are missing
}

// refused is an answer to the administrator: understood, and not done.
type refused string

func (r refused) Error() string { return string(r) }

func (t *Tenant) granted(what string) bool { return slices.Contains(t.Grants, what) }

func (t *Tenant) running() bool {
	return t.State == "" || t.State == "Running" || t.State == "OnlineMaintenance"
}

func (t *Tenant) module(name string) *Module {
	for i := range t.Modules {
		if t.Modules[i].Name == name {
			return &t.Modules[i]
		}
	}
	return nil
}

func (t *Tenant) user(id int) *User {
	for i := range t.Users {
		if t.Users[i].ID == id {
			return &t.Users[i]
		}
	}
	return nil
}

// admin is the administrator who acts on the screen; nil: there is none.
func (t *Tenant) admin() *User {
	i := slices.IndexFunc(t.Users, func(u User) bool { return u.Admin && u.CanLogin && !u.Retired })
	if i < 0 {
		return nil
	}
	return &t.Users[i]
}
