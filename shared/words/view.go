package words

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"seatmend/shared/diagnosis"
	"seatmend/shared/licence"
)

// Options are what the sentences need beyond the diagnosis.
type Options struct {
	Zone *time.Location // the customer's
	// Reader is whose eyes will read it. None: the operator's staff, who see everything. The
	// sentences about payments differ: only billing reads of amounts, numbers and due days.
	Reader        licence.Role
	Account       string                // the customer's name
	Billing       string                // who has the invoices at the customer
	Installations map[string]string     // address of each, by CustID
	Candidates    map[string]Candidates // by fingerprint, from the store
	Cases         map[string]string     // by fingerprint, the numbers that people read; none: each its own
}

func (o Options) caseOf(fingerprint string) string {
	return cmp.Or(o.Cases[fingerprint], licence.Case(fingerprint))
}

// Candidates counts who could give up a seat, and names the first who cannot.
type Candidates struct {
	Count   int
	Blocked []diagnosis.BlockedUser
}

// A View is a diagnosis in words, for one reader. Its JSON is a contract; page, mail and
// command line are drawn from it as well.
type View struct {
	Account  string             `json:"account"`
	At       time.Time          `json:"at"`
	Now      time.Time          `json:"now"`
	Phase    licence.LapsePhase `json:"phase"`
	Summary  licence.Summary    `json:"summary"`
	AsOf     []string           `json:"as_of,omitempty"` // of which day the facts are, where they are no longer new
	Findings []Finding          `json:"findings"`
	Upcoming []Finding          `json:"upcoming"`
	Passed   []Line             `json:"passed"`
	Unknown  []Line             `json:"unknown"`

	Reader licence.Role `json:"-"`
	Head   string       `json:"-"` // the situation in one calm sentence
	Trial  bool         `json:"-"`
	Left   []string     `json:"-"` // of each installation that a move may have left behind, where it may have gone to
	voice  Voice
	shut   bool // no production installation can be used
}

// A Finding is what a rule found, in words.
type Finding struct {
	Code        licence.Code         `json:"code"`
	Starts      string               `json:"starts,omitempty"`
	State       licence.FindingState `json:"state"`
	WaitingFor  string               `json:"waiting_for,omitempty"`
	Until       string               `json:"until,omitempty"`
	Severity    licence.Severity     `json:"severity"`
	Fingerprint string               `json:"fingerprint"`
	Subject     licence.Subject      `json:"subject"`
	Title       string               `json:"title"`
	Need        int                  `json:"need"`
	Explains    []string             `json:"explains"`
	BlockedBy   []string             `json:"blocked_by"`
	Cause       string               `json:"cause"`
	Evidence    []Evidence           `json:"evidence"`
	Deadline    Deadline             `json:"deadline"`
	Owner       licence.Role         `json:"owner"`
	Informed    []licence.Role       `json:"informed"`
	Remedies    []Remedy             `json:"remedies"`
	Verify      string               `json:"verify"`
	FirstSeen   time.Time            `json:"first_seen"`
	FAQ         int                  `json:"faq"`

	Case      string       `json:"-"` // the number that people read
	Place     string       `json:"-"` // its installations by name, where the account has several
	Places    []string     `json:"-"` // and their CustIDs
	About     string       `json:"-"` // the plan or installation, as people call it
	Status    string       `json:"-"` // its state, where it is not simply open
	OwnerText string       `json:"-"`
	Ended     time.Time    `json:"-"` // when it had ended, before it came back
	PayAt     string       `json:"-"` // where the reader pays or confirms it, and
	PayText   string       `json:"-"` // what the button to there says
	Mine      bool         `json:"-"` // the reader is who has to act, and can
	Duty      licence.Role `json:"-"` // whose it is by the rule, whatever it waits for
	Say       string       `json:"-"` // which of the rule's sentences it is
	args      Args
	untold    []licence.Role
	answer    string       // what a person said of it
	rests     licence.Date // of which day the facts are that it rests on, where they are no longer new
}

// A Deadline is two dates and what they mean.
type Deadline struct {
	ActBy       *licence.Date `json:"act_by"`
	At          *licence.Date `json:"at"`
	Consequence string        `json:"consequence"`
	stops       bool          // at is the day on which SuperOffice stops
}

// A Remedy is one way out, step by step.
type Remedy struct {
	ID         string                  `json:"id"`
	Mode       string                  `json:"mode"`
	Steps      []string                `json:"steps"`
	Need       int                     `json:"need,omitempty"`
	Candidates *int                    `json:"candidates,omitempty"`
	Blocked    []diagnosis.BlockedUser `json:"blocked,omitzero"`

	Name string `json:"-"`
}

// A Line is a rule that found nothing, or does not know.
type Line struct {
	Code     licence.Code    `json:"code"`
	Subject  licence.Subject `json:"subject"`
	Title    string          `json:"title"`
	Evidence []Evidence      `json:"evidence"`
	Error    bool            `json:"error,omitempty"`
}

// View says a diagnosis in words, to one reader.
func (l *Language) View(d diagnosis.Diagnosis, o Options) View {
	t := teller{l.Voice(o.Zone, d.At), o, d}
	view := View{
		Account: d.Account, At: d.At.UTC(), Now: d.Now.UTC(), Phase: d.Phase, Summary: d.Summary,
		Findings: shown(t, d.Findings, diagnosis.Holds, t.finding), Upcoming: shown(t, d.Upcoming, diagnosis.Holds, t.finding),
		Passed: shown(t, d.Passed, diagnosis.Fails, t.line), Unknown: shown(t, d.Unknown, diagnosis.Unknown, t.line),
		AsOf: t.asOf(), Reader: o.Reader, Trial: d.Trial, shut: d.Shut, voice: t.Voice,
	}
	for _, l := range d.Left {
		view.Left = append(view.Left, t.Say(Args{"cust": l.CustID, "right": l.Right}, "left"))
	}
	view.Head = t.head(view)
	return view
}

// shown are those that the reader sees, each as it is said; none: an empty list.
func shown[T any](t teller, all []diagnosis.Finding, answer diagnosis.Answer, say func(diagnosis.Finding, diagnosis.Answer) T) []T {
	out := []T{}
	for _, f := range all {
		if !t.hidden(f, answer) {
			out = append(out, say(f, answer))
		}
	}
	return out
}

// AsOf says of which day a diagnosis's facts are, where they are no longer new.
func (l *Language) AsOf(d diagnosis.Diagnosis, o Options) []string {
	return teller{l.Voice(o.Zone, d.At), o, d}.asOf()
}

// asOf says of which day the facts are that nobody can read, an installation a sentence.
func (t teller) asOf() []string {
	var out []string
	for _, x := range t.d.AsOf {
		a, key := Args{"day": x.Day}, "as-of"
		if x.CustID != "" {
			a["cust"] = x.CustID
		}
		if x.Belied {
			key = "as-of.belied"
		}
		if x.Ends != "" {
			a["ends"] = x.Ends
		}
		out = append(out, t.Say(a, key))
	}
	return out
}

// A teller says the findings of one diagnosis to one reader.
type teller struct {
	Voice
	o Options
	d diagnosis.Diagnosis
}

func (t teller) finding(f diagnosis.Finding, answer diagnosis.Answer) Finding {
	if f.State == licence.Unsettled {
		answer = diagnosis.Unknown
	}
	a := t.args(f)
	say := t.pick(f, answer)
	out := Finding{
		Code: f.Code, State: f.State, WaitingFor: f.WaitingFor, Severity: f.Severity, Fingerprint: f.Fingerprint,
		Subject: t.subject(f), Need: f.Need, Explains: []string{}, BlockedBy: list(f.BlockedBy), Owner: f.Owner,
		Informed: list(f.Informed), FirstSeen: f.FirstSeen.UTC(), Ended: f.Ended, FAQ: f.FAQ, Remedies: []Remedy{},
		Title:    t.title(f, answer, a),
		Cause:    t.cause(f, a, say),
		Evidence: t.evidence(f, a),
		Verify:   t.Say(a, "verify."+f.Verify+"."+string(f.Code)+"."+f.Say, "verify."+f.Verify+"."+string(f.Code), "verify."+f.Verify, "verify."),
		Case:     t.o.caseOf(f.Fingerprint), Place: t.joined(t.places(f)), Places: t.places(f), args: a, Say: say, Duty: f.Owner,
	}
	if f.Answer != nil {
		out.answer = f.Answer.Answer
	}
	if f.Explains {
		out.Explains = append(out.Explains, "login-warning")
	}
	if f.Until.After(t.now) { // else it waits for a reading after that
		out.Until = stamp(f.Until)
	}
	if !f.Starts.IsZero() {
		out.Starts = stamp(f.Starts)
	}
	out.Deadline, out.rests, out.untold = t.deadline(f, a, say), t.d.Rests(f), f.Untold
	out.Deadline.Consequence = t.dated(out.rests, out.Deadline.Consequence)
	for _, r := range f.Remedies {
		if !t.secret(f) {
			out.Remedies = append(out.Remedies, t.remedy(f, r, a))
		}
	}
	plan, _ := a["plan"].(string)
	out.About = cmp.Or(plan, f.Subject.CustID)
	out.Status = t.status(f, a)
	out.OwnerText = t.Say(a, "owner."+string(f.Owner), "owner.")
	out.Mine = f.State == licence.Open && f.Owner == t.o.Reader && t.o.Reader != "" && (!t.secret(f) || t.o.Reader != licence.Billing) || t.asked(f)
	if url, _ := a["url"].(string); out.Mine && slices.Contains(payment, f.Code) && !t.secret(f) && strings.HasPrefix(url, "https://") {
		key := "subject.invoice-overdue"
		if strings.HasPrefix(say, "action") {
			key += ".action"
		}
		out.PayAt, out.PayText = url, t.Say(Args{"number": a["number"]}, key)
	}
	return out
}

// asked tells whether the finding is a question to the reader, though it is somebody else's.
func (t teller) asked(f diagnosis.Finding) bool {
	if f.Code == licence.PaymentAwaited {
		return f.State == licence.Open && f.Say == "c" && f.Args["beyond"] == nil && t.o.Reader == licence.Billing && t.pays(f)
	}
	return f.Code == licence.OrderDiffers && f.State == licence.Open && t.o.Reader == licence.Admin && (f.Say == "b" || f.Say == "c") &&
		slices.ContainsFunc(f.Remedies, func(r diagnosis.Remedy) bool { return r.ID == "numbers-right" })
}

func (t teller) line(f diagnosis.Finding, answer diagnosis.Answer) Line {
	a := t.args(f)
	return Line{f.Code, t.subject(f), t.title(f, answer, a), t.evidence(f, a), f.Error}
}

// subject is what it is about; of an invoice, only where the reader may know which.
func (t teller) subject(f diagnosis.Finding) licence.Subject {
	s := f.Subject
	if t.secret(f) {
		s.ID = ""
	}
	return s
}

// title is what the rule found, in one sentence, from the particular to the general: said to
// this reader, to anybody, by any rule.
func (t teller) title(f diagnosis.Finding, answer diagnosis.Answer, a Args) string {
	reader := string(t.o.Reader)
	if reader == "" {
		reader = "staff"
	}
	var keys []string
	for _, say := range []string{t.pick(f, answer), f.Say} {
		key := "title." + string(f.Code) + "." + string(answer) + "." + say
		keys = append(keys, key+"@"+reader, key, "title."+string(answer)+"."+say)
	}
	return t.dated(t.d.Rests(f), t.placed(t.joined(t.places(f)), t.Say(a, append(keys, "title."+string(answer))...)))
}

// places are the installations that a finding is about, where the account has several: then each
// sentence names its own. Else there are none.
func (t teller) places(f diagnosis.Finding) []string {
	switch {
	case !t.d.Several:
		return nil
	case f.Subject.CustID != "":
		return []string{f.Subject.CustID}
	}
	return f.Sites
}

func (t teller) cause(f diagnosis.Finding, a Args, say string) string {
	if t.secret(f) {
		return t.Say(a, "why."+string(f.Code)+"@"+string(t.o.Reader), "why.@private")
	}
	var parts []string
	if f.State == licence.Unsettled {
		// Why it stood says nothing any more: said is what is not known.
		return t.Say(a, "why."+string(f.Code)+"@unknown", "why.@unknown."+f.Say, "why.@unknown")
	}
	if f.Cause != "" && f.Starts.IsZero() {
		parts = append(parts, t.Say(a, "cause."+f.Cause))
	}
	keys := []string{"why." + string(f.Code) + "." + f.Say + "@" + string(f.State), "why." + string(f.Code) + "@" + string(f.State), "why." + string(f.Code) + "." + say, "why." + string(f.Code) + "." + f.Say}
	switch {
	case f.Deadline.Consequence == "none":
		keys = append(keys, "why."+string(f.Code)+"@none") // it holds no licence up
	case f.Deadline.Consequence != "" && f.Deadline.At == "":
		keys = append(keys, "why."+string(f.Code)+"@undated")
	}
	parts = append(parts, t.Say(a, append(keys, "why."+string(f.Code))...))
	if len(f.BlockedBy) > 0 {
		parts = append(parts, t.Say(a, "blocked."+string(f.Code), "blocked"))
	}
	return t.dated(t.d.Rests(f), strings.TrimSpace(strings.Join(parts, " ")))
}

func (t teller) deadline(f diagnosis.Finding, a Args, say string) Deadline {
	d := Deadline{ActBy: day(f.Deadline.ActBy, t.zone), At: day(f.Deadline.At, t.zone)}
	d.stops = d.At != nil && !f.Deadline.Lapses && f.Deadline.Consequence != "reduction"
	key := "when." + f.Deadline.Consequence
	if t.secret(f) {
		key = "when.@private"
	}
	at := f.Deadline.At.Start(t.zone)
	past := !at.IsZero() && !at.After(t.now)
	if past {
		key = "when.past"
	}
	switch {
	case f.Deadline.Consequence == "none":
		d.Consequence = t.Say(a, "when.none")
	case f.Deadline.Consequence != "" && d.At == nil:
		d.Consequence = t.Say(a, "when.@undated."+string(f.Code), "when.@undated")
	case f.Deadline.Lapses && past:
		d.Consequence = t.Say(a, "when.@lapsed")
	case f.Deadline.Lapses:
		d.Consequence = t.Say(a, "when.@lapses")
	case late(f) && a["late"] != nil && strings.HasPrefix(say, "action") && !t.secret(f):
		d.Consequence = t.Say(a, "when.@late.action")
	case late(f) && a["late"] != nil && slices.Contains([]string{"a-risk", "a-for", "c", "c-for"}, say) && !t.secret(f):
		d.Consequence = t.Say(a, "when.@late")
	case late(f) && !past && !t.secret(f):
		d.Consequence = t.Say(a, key+"."+string(f.Code), key+"@"+string(f.State), key)
	case f.Deadline.Consequence != "":
		d.Consequence = t.Say(a, key+"."+string(f.Code)+"."+say, key+"."+string(f.Code), key+"@"+string(f.State), key)
	}
	return d
}

func day(d licence.Date, zone *time.Location) *licence.Date {
	if d == "" {
		return nil
	}
	d = d.Day(zone)
	return &d
}

func (t teller) remedy(f diagnosis.Finding, r diagnosis.Remedy, a Args) Remedy {
	if r.Need > 0 {
		a = a.With("need", r.Need)
	}
	out := Remedy{ID: r.ID, Mode: r.Mode, Need: r.Need, Candidates: r.Candidates, Blocked: r.Blocked, Steps: []string{}}
	out.Name = t.Say(a, "remedy."+r.ID+"."+string(f.Code)+"."+f.Say, "remedy."+r.ID+"."+string(f.Code), "remedy."+r.ID)
	keys := []string{r.ID + "." + string(f.Code) + "." + f.Say, r.ID + "." + string(f.Code), r.ID}
	if f.Args["scim"] == true {
		keys = append([]string{r.ID + ".scim"}, keys...)
	}
	if t.d.Disputed(f.Subject.CustID) {
		// Nobody is led to Activate while order and offer disagree.
		keys = append([]string{r.ID + ".disputed"}, keys...)
	}
	if r.ID == "free-activate-give" && f.Need > licence.Many && len(keys) == 3 { // nobody doubts it, and it is done by hand
		out.Steps = append(out.Steps, t.Say(a, "remedy.many"))
	}
	for _, step := range t.steps(keys...) {
		// A step that speaks of something that is not known here is left out.
		if s, ok := t.fill(step, a); ok {
			out.Steps = append(out.Steps, s)
		}
	}
	if c, ok := t.o.Candidates[f.Fingerprint]; ok && frees(r.ID) {
		out.Candidates, out.Blocked = &c.Count, list(c.Blocked)
	}
	return out
}

// frees tells whether the remedy takes a seat from somebody.
func frees(id string) bool {
	return id == "free" || id == "no-login" || id == "move" || id == "move-now" || id == "free-activate-give"
}

func (t teller) steps(keys ...string) []string {
	for _, l := range []*Language{t.Language, Languages[0]} {
		for _, k := range keys {
			if s, ok := l.Steps[k]; ok {
				return s
			}
		}
	}
	return nil
}

// status says the state of a finding that is not simply open.
func (t teller) status(f diagnosis.Finding, a Args) string {
	switch f.State {
	case licence.Open:
		return ""
	case licence.Waiting:
		key := "waits." + f.WaitingFor
		if t.secret(f) {
			key = "waits.@private"
		}
		return t.Say(a, key+"."+string(f.Code)+"."+f.Say, key+"."+string(f.Code), key, "state.waiting")
	case licence.Answered, licence.Snoozed:
		if f.Answer != nil {
			key := "answer." + f.Answer.Answer
			if strings.HasPrefix(f.Answer.Note, licence.GivenTo) {
				key = "answer.given"
			}
			return t.Say(a.With("by", f.Answer.By), key, "state."+string(f.State))
		}
	}
	return t.Say(a, "state."+string(f.State))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}
