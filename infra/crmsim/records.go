package crmsim

import (
	"slices"
	"strconv"
	"time"
)

// employees are the rows of the user archives: those who work there, and who have left only
// where they are asked for.
func (t *Tenant) employees(q query) []record {
	var all []record
	for i := range t.Users {
		u := &t.Users[i]
		if u.Retired && !slices.Contains(q.entities, "retired") {
			continue
		}
		one := t.employee(u, q.archive)
		wanted := len(q.entities) == 0 || slices.Contains(q.entities, "all") || u.Retired
		for j := range t.Modules {
			column := planColumn(&t.Modules[j])
			wanted = wanted || one.columns[column] == 1 && slices.Contains(q.entities, column)
		}
		if wanted {
			all = append(all, one)
		}
	}
	return all
}

// planColumn is the column that tells who holds a module. Each tenant has its own, of the modules
// that are in force and that somebody assigns; those of system users are not in the archive of employees.
func planColumn(m *Module) string { return "superoffice_" + m.Name }

func (m *Module) column(archive string) bool {
	return (m.Total > 0 || m.Unrestricted) && m.Kind != Hidden && (m.Kind != System || archive != "InternalUsers")
}

func (t *Tenant) employee(u *User, archive string) record {
	role := "User level 0"
	if u.Admin {
		role = "Administrator"
	}
	one := record{u.ID, map[string]any{
		"associateDbId": u.ID, "ejUserId": serviceID(u.ID), "personId": personID(u.ID), "fullName": u.Name, "userName": u.Email,
		"assocName": u.Email, "personEmail": u.Email, "contactName": t.Company, "userplan": t.planName(u), "credentialType": "SuperID",
		"role": role, "usergroup": u.Group, "canLogin": u.CanLogin, "isActive": u.CanLogin, "retired": u.Retired,
	}}
	for i := range t.Modules {
		if m := &t.Modules[i]; m.column(archive) {
			one.columns[planColumn(m)] = oneIf(t.holds(u, m))
		}
	}
	return one
}

// planName is the plan that a user holds, in words.
func (t *Tenant) planName(u *User) string {
	for i := range t.Modules {
		if m := &t.Modules[i]; m.Kind == Plan && t.holds(u, m) {
			return m.Description
		}
	}
	return ""
}

// associates are the rows of the table itself, who has left included.
func (t *Tenant) associates(q query) []record {
	var all []record
	for i := range t.Users {
		all = append(all, associate(&t.Users[i], q.zone))
	}
	return all
}

func associate(u *User, zone *time.Location) record {
	return record{u.ID, map[string]any{
		"associate.associate_id": u.ID, "associate.name": u.Email, "associate.lastlogin": archiveTime(u.LastLogin, zone),
		"associate.registered": archiveTime(u.Created, zone), "associate.deleted": oneIf(u.Retired), "associate.waiting_for_approval": oneIf(u.Waiting),
		"associate.ejuserid": serviceID(u.ID), "associate.person_id": personID(u.ID),
	}}
}

// requests are the open ones; nobody asks for others.
func (t *Tenant) requests(q query) []record {
	var all []record
	for i := range t.Users {
		u := &t.Users[i]
		if q.owners != nil && !slices.Contains(q.owners, strconv.Itoa(u.ID)) {
			continue
		}
		for _, id := range u.Requests {
			if q.statuses == nil || slices.Contains(q.statuses, strconv.Itoa(u.status(id))) {
				all = append(all, t.request(u, id, q.zone))
			}
		}
	}
	return all
}

// request has the columns of the archive, and those of the table.
func (t *Tenant) request(u *User, id int, zone *time.Location) record {
	status, word, title := u.status(id), "Open", "Request "+strconv.Itoa(id)
	if status == 3 {
		word = "Postponed"
	}
	return record{id, map[string]any{
		"ticketId": id, "title": title, "status": status, "ticketStatusName": word, "categoryFullName": "Support",
		"lastChanged": archiveTime(t.Touched[id], zone), "ownedBy/associateDbId": u.ID, "ownedBy/ejUserId": serviceID(u.ID),
		"ticket.id": id, "ticket.title": title, "ticket.status": status, "ticket.owned_by": serviceID(u.ID),
	}}
}

// wireTime is how SuperOffice writes an instant: without a zone, and year 1 for never.
func wireTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05") }

// base is the zone of the server, in which archives tell times to whoever asks for no other one.
var base = time.FixedZone("the server's", 3600)

// archiveTime is how an archive writes an instant. Never is year 1 in any zone.
func archiveTime(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return wireTime(at)
	}
	return at.In(zone).Format("2006-01-02T15:04:05")
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
