package licence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"sort"
	"strings"
)

const maxMarks = 100

// SeatKey is where the item lies of which a seat fact speaks: the engine loads it for Fold.
func (k Known) SeatKey(p SeatChanged) Key {
	i := k.Inst(p.CustID)
	return Key{i.CustID, i.Roster.ID, p.User.ID}
}

// seat folds one person's plan into that person's item and moves the counts.
func (r *Roster) seat(p SeatChanged, s Stamp, seats Items) (Seat, bool) {
	if !r.List.At.IsZero() && !s.After(r.List) {
		return Seat{}, false // older than the list: late
	}
	key := Key{strings.ToLower(p.CustID), r.ID, p.User.ID}
	seat, ok := seats[key]
	if !ok {
		seat = Seat{CustID: key.CustID, Roster: r.ID}
		seat.User.Value.ID = p.User.ID
	}
	r.Held, seat.Plans = own(r.Held), own(seat.Plans)
	if ok {
		seat.Count(r, -1)
	}
	moved := seat.User.Put(s, p.User)
	h := seat.Plans[p.Plan]
	if s.After(h.Stamp) {
		seat.Plans[p.Plan] = Held{s, p.Held, p.OpenRequests}
		moved = true
	}
	seat.Count(r, +1)
	if !moved {
		return Seat{}, false
	}
	r.Told, r.Hash = Latest(r.Told, s.At), ""
	return seat, true
}

// list names a staged roster and its counts. An older list is late.
func (i *KnownInstallation) list(s Stamp, p SeatsListed) bool {
	if p.Roster == nil || !s.After(i.Roster.List) {
		return false
	}
	told := Latest(i.Roster.Told, s.At)
	if i.Roster.Hash == p.Roster.Hash && i.Roster.Hash != "" {
		// The same people again, and nobody changed since: only the time moves.
		i.Roster.List, i.Roster.Told = s, told
		return true
	}
	r := *p.Roster
	r.List, r.Told, r.Changed = s, told, nil
	i.Roster = r
	return true
}

// Mark remembers that a person's item was written as version n, so that a list that lost a
// race to it stages just this person again; "": somebody's who is not to be named any more.
func (r *Roster) Mark(user string, n int64) {
	r.Changed = append(slices.Clip(r.Changed), SeatMark{user, n})
	if over := len(r.Changed) - maxMarks; over > 0 {
		r.Changed = r.Changed[over:]
	}
}

// Since gives the people whose items were written after version n; false: more than are
// remembered may have been.
func (r Roster) Since(n int64) (users []string, all bool) {
	if len(r.Changed) == maxMarks && r.Changed[0].N > n+1 {
		return nil, false
	}
	for _, m := range r.Changed {
		if m.N > n && m.User == "" {
			return nil, false
		}
		if m.N > n {
			users = append(users, m.User)
		}
	}
	return users, true
}

// rosterID is of one attempt to take in a list: another attempt must not write into the rows of
// this one, which may be the present roster by then.
func rosterID(f Fact, attempt string) string {
	sum := sha256.Sum256([]byte(f.ID + "\n" + attempt))
	return hex.EncodeToString(sum[:8])
}

// Stage makes the rows of a new roster: everybody on the list, and each single register of
// the present roster that is newer than the list. It returns the list as it is stored, with
// its counts and hash, the rows, and the list's digest. No two attempts at one list have the same name.
func Stage(f Fact, attempt string, present []Seat) (SeatsListed, []Seat, Digest) {
	p := f.Payload.(SeatsListed)
	s := f.Stamp()
	id := rosterID(f, attempt)
	rows := listed(f, id)
	hash, d := hashRows(rows), digest(id, rows)
	for _, old := range present {
		uid := old.User.Value.ID
		if row, newer := newest(rows[uid], old, s, id); newer {
			rows[uid], hash = row, ""
			d.unsure(uid)
		}
	}
	r := Roster{ID: id, List: s, Hash: hash, Held: map[string]int{}}
	out := slices.Collect(maps.Values(rows))
	sort.Slice(out, func(i, j int) bool { return out[i].User.Value.ID < out[j].User.Value.ID })
	for _, seat := range out {
		seat.Count(&r, +1)
	}
	return SeatsListed{CustID: p.CustID, Roster: &r, Listed: f.Hash()}, out, d
}

// listed are the rows of a list, under a roster.
func listed(f Fact, roster string) map[string]Seat {
	p, s := f.Payload.(SeatsListed), f.Stamp()
	rows := map[string]Seat{}
	for _, row := range p.Rows {
		seat, ok := rows[row.User.ID]
		if !ok {
			seat = Seat{CustID: strings.ToLower(p.CustID), Roster: roster, User: Reg[User]{s, row.User}, Plans: map[string]Held{}}
		}
		seat.Plans[row.Plan] = Held{s, true, row.OpenRequests}
		rows[row.User.ID] = seat
	}
	return rows
}

// newest is a person's row of a list, with each register of the row before that is newer than the
// list; whether there is one. A row of nobody has no plans.
func newest(row, old Seat, list Stamp, roster string) (_ Seat, newer bool) {
	for plan, h := range old.Plans {
		if !h.After(list) {
			continue
		}
		if row.Plans == nil {
			row = Seat{CustID: old.CustID, Roster: roster, Plans: map[string]Held{}}
		}
		row.Plans[plan] = h
		newer = true
	}
	if newer && old.User.After(row.User.Stamp) {
		row.User = old.User
	}
	return row, newer
}

// hashRows identifies the content of a list, whatever its time.
func hashRows(rows map[string]Seat) string {
	h := sha256.New()
	ids := slices.Sorted(maps.Keys(rows))
	for _, id := range ids {
		plans := slices.Sorted(maps.Keys(rows[id].Plans))
		b, _ := json.Marshal(rows[id].User.Value)
		h.Write(b)
		for _, p := range plans {
			b, _ := json.Marshal([]any{p, rows[id].Plans[p].Requests})
			h.Write(b)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
