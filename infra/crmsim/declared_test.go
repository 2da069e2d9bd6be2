package crmsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"seatmend/infra/crmsim"
	"seatmend/infra/peer"
	"seatmend/shared/superoffice"
)

// declared is what the official client's type declarations say.
type declared struct {
	carriers map[string]map[string]string // interface -> field -> type
	enums    map[string][]string
	folder   string
}

var (
	anInterface = regexp.MustCompile(`(?s)export interface (\w+)(?: extends (\w+))? \{(.*?)\n\}`)
	anEnum      = regexp.MustCompile(`(?s)export declare enum (\w+) \{(.*?)\n\}`)
	aField      = regexp.MustCompile(`(?m)^    (\w+)\??: (.+);`)
	aValue      = regexp.MustCompile(`(?m)^    \w+ = "?([^",\n]+)"?`)
)

func declarations(t *testing.T) declared {
	t.Helper()
	d := declared{carriers: map[string]map[string]string{}, enums: map[string][]string{}}
	d.folder = filepath.Join(peer.Modules(t, official, officialVersion), official, "dist/cjs")
	parents := map[string]string{}
	for _, m := range anInterface.FindAllStringSubmatch(d.read(t, "Carriers.d.ts"), -1) {
		fields := map[string]string{}
		for _, f := range aField.FindAllStringSubmatch(m[3], -1) {
			fields[f[1]] = strings.TrimPrefix(f[2], "enums.")
		}
		d.carriers[m[1]], parents[m[1]] = fields, m[2]
	}
	for name, parent := range parents {
		for f, kind := range d.carriers[parent] {
			d.carriers[name][f] = kind
		}
	}
	for _, m := range anEnum.FindAllStringSubmatch(d.read(t, "Enums.d.ts"), -1) {
		for _, v := range aValue.FindAllStringSubmatch(m[2], -1) {
			d.enums[m[1]] = append(d.enums[m[1]], v[1])
		}
	}
	if len(d.carriers) < 300 || len(d.enums) < 100 || d.carriers["LicenseInfo"]["publicKey"] != "SignedPublicKey" {
		t.Fatalf("%d carriers, %d enums: this test reads nothing", len(d.carriers), len(d.enums))
	}
	return d
}

func (d declared) read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// wireName is a field as the official client spells it.
func wireName(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// TestFieldsAreDeclared holds the carriers of our client to those of the official one.
func TestFieldsAreDeclared(t *testing.T) {
	d := declarations(t)
	for carrier, ours := range map[string]any{
		"ExtendedLicenseInfo": superoffice.ExtendedLicenceInfo{}, "LicenseInfo": superoffice.LicenceInfo{}, "ModuleLicense": superoffice.ModuleLicence{},
		"ExtendedModuleLicense": superoffice.ExtendedModuleLicence{}, "LicenseResult": superoffice.LicenceResult{}, "CheckLicenseStatusResult": superoffice.LicenceStatus{},
		"LicenseOwner": superoffice.LicenceOwner{}, "ModuleLicenseLink": superoffice.ModuleLicenceLink{},
		"Webhook": superoffice.Hook{}, "UserInfo": superoffice.UserInfo{},
		"SoSystemInfoCarrier": superoffice.SystemInfo{},
	} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(ours)) {
			if !f.IsExported() || f.Tag.Get("json") == "-" {
				continue
			}
			kind, ok := d.carriers[carrier][wireName(f.Name)]
			if !ok {
				t.Errorf("%s has no %s", carrier, f.Name)
			} else if !fits(f.Type, kind, d) {
				t.Errorf("%s.%s is %s, not %v", carrier, f.Name, kind, f.Type)
			}
		}
	}
}

// fits tells whether a value of the declared type can be read into one of ours.
func fits(ours reflect.Type, kind string, d declared) bool {
	if ours.Kind() == reflect.Pointer {
		return fits(ours.Elem(), kind, d)
	}
	switch {
	case ours == reflect.TypeOf(json.RawMessage{}):
		return true
	case kind == "Date":
		return ours == reflect.TypeOf(superoffice.Date(""))
	case strings.HasSuffix(kind, "[]"):
		return ours.Kind() == reflect.Slice && fits(ours.Elem(), strings.TrimSuffix(kind, "[]"), d)
	case d.carriers[kind] != nil:
		return ours.Kind() == reflect.Struct
	case kind == "string" || d.enums[kind] != nil:
		return ours.Kind() == reflect.String
	case kind == "number":
		return ours.Kind() == reflect.Int
	}
	return kind == "boolean" && ours.Kind() == reflect.Bool
}

// TestWordsAreDeclared holds the words that our client knows to the official enumerations.
func TestWordsAreDeclared(t *testing.T) {
	d := declarations(t)
	for enum, ours := range map[string][]string{
		"LicenseStatus": {superoffice.StatusOk, superoffice.StatusNewLicence, superoffice.StatusNewCompanyName, superoffice.StatusNewSerial, superoffice.StatusCustomMessage,
			superoffice.StatusCustomMessageAndURL, superoffice.StatusActivated, superoffice.StatusProblem, superoffice.StatusUnknownError},
		"WebhookState": {"Unknown", crmsim.Active, crmsim.Stopped, crmsim.TooManyErrors},
	} {
		if got := d.enums[enum]; !slices.Equal(got, ours) {
			t.Errorf("%s: %q, ours %q", enum, got, ours)
		}
	}
	// Of these our client knows some.
	for enum, ours := range map[string][]string{"UserType": superoffice.NoEmployees, "LicenseType": {superoffice.UserLicence, superoffice.SiteLicence}} {
		for _, word := range ours {
			if !slices.Contains(d.enums[enum], word) {
				t.Errorf("%s has no %s", enum, word)
			}
		}
	}
}

// An exchange is one call of an agent: what was sent, and what came back.
type exchange struct {
	agent, method string
	asked, told   []byte
}

// overheard serves a stage's simulator, and notes all that is said to agents.
func overheard(t *testing.T, s stage) (*httptest.Server, func() []exchange) {
	t.Helper()
	var mu sync.Mutex
	var all []exchange
	path := regexp.MustCompile(`/api/v1/Agents/(\w+)/(\w+)$`)
	sim := s.sim.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(asked))
		rec := httptest.NewRecorder()
		sim.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes())
		if m := path.FindStringSubmatch(r.URL.Path); m != nil {
			mu.Lock()
			defer mu.Unlock()
			one := exchange{m[1], m[2], asked, nil}
			if rec.Code == http.StatusOK {
				one.told = rec.Body.Bytes()
			}
			all = append(all, one)
		}
	}))
	t.Cleanup(server.Close)
	return server, func() []exchange { mu.Lock(); defer mu.Unlock(); return slices.Clone(all) }
}

// TestCallsAreDeclared holds what our client says, and what the simulator answers, to the official
// client: each verb is one that it posts, each field of a body one that it sends, and each field of
// an answer one that it reads.
func TestCallsAreDeclared(t *testing.T) {
	d := declarations(t)
	s := newStage(t, everything())
	server, heard := overheard(t, s)
	c := s.newClient(server.Client())
	c.Login = server.URL
	everyCall(t, s, c)
	called := map[string]bool{}
	for _, x := range heard() {
		name := x.agent + "/" + x.method
		called[x.method] = true
		if !regexp.MustCompile(`_axios\.post\("` + x.method + `[?"]`).MatchString(d.read(t, x.agent+"Agent.js")) {
			t.Errorf("the official client does not post to %s", name)
		}
		promise := regexp.MustCompile(`\b` + wireName(x.method) + `Async\((?:(?:request|entity): carriers\.(\w+))?.*Promise<(?:carriers\.)?([\w\[\]]+)>`).FindStringSubmatch(d.read(t, x.agent+"Agent.d.ts"))
		if promise == nil {
			t.Errorf("%s is not declared", name)
			continue
		}
		if len(x.asked) > 0 {
			d.hold(t, name+" asks", promise[1], x.asked)
		}
		if x.told != nil {
			d.hold(t, name+" answers", promise[2], x.told)
		}
	}
	for _, method := range methods(t) {
		if !called[method] {
			t.Errorf("nothing here calls %s", method)
		}
	}
}

// hold compares a body with what is declared of it, to its depth.
func (d declared) hold(t *testing.T, where, kind string, raw []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	d.value(t, where, kind, v)
}

func (d declared) value(t *testing.T, where, kind string, v any) {
	t.Helper()
	if one, ok := strings.CutSuffix(kind, "[]"); ok && v != nil {
		list, isList := v.([]any)
		if !isList {
			t.Errorf("%s is no list of %s", where, one)
		}
		for _, v := range list {
			d.value(t, where, one, v)
		}
		return
	}
	fields, isCarrier := d.carriers[kind]
	object, isObject := v.(map[string]any)
	if !isCarrier || !isObject || strings.HasSuffix(kind, "Dictionary") {
		if isCarrier != isObject && v != nil && !strings.HasSuffix(kind, "Dictionary") {
			t.Errorf("%s is no %s: %v", where, kind, v)
		}
		return
	}
	for name, v := range object {
		if declared, ok := fields[wireName(name)]; ok {
			d.value(t, where+"."+name, declared, v)
		} else if name != "Counter" && fields[name] == "" {
			t.Errorf("%s: %s has no %s", where, kind, name)
		}
	}
}

// methods are those of agents that our client's source names.
func methods(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../../shared/superoffice/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`agent(?:As)?\(ctx, t, (?:p, )?"\w+", "(\w+)"|c\.licence\(ctx, t, "(\w+)"\)`).FindAllSubmatch(raw, -1) {
			names = append(names, string(m[1])+string(m[2]))
		}
	}
	if len(names) < 5 {
		t.Fatalf("%q: this test reads nothing", names)
	}
	return names
}

// everyCall lets our client do all that it can.
func everyCall(t *testing.T, s stage, c *superoffice.Client) {
	t.Helper()
	ctx := t.Context()
	tenant, err := c.State(ctx, "Cust12345")
	if err != nil {
		t.Fatal(err)
	}
	x, err := c.Licence(ctx, tenant)
	if err != nil {
		t.Fatal(err)
	}
	if info, ok, err := c.SystemInfo(ctx, tenant); err != nil || !ok || info.Warning() == "" {
		t.Error(info, ok, err)
	}
	if _, err := c.StoredLicence(ctx, tenant); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Users(ctx, tenant, "ten-sales"); err != nil {
		t.Error(err)
	}
	if people, err := c.People(ctx, tenant); err != nil || len(people) != 9 {
		t.Error(people, err)
	}
	if names, err := c.Holds(ctx, tenant, "2"); err != nil || !slices.Equal(names, []string{"ten-sales", "sale-cal"}) {
		t.Error(names, err)
	}
	if can, err := c.LogOn(ctx, tenant, "2", "999"); err != nil || !maps.Equal(can, map[string]bool{"2": true}) {
		t.Error(can, err)
	}
	h, err := c.Holder(ctx, tenant, "9")
	if err != nil || !h.Holds("ten-sales") {
		t.Fatal(h, err)
	}
	if err := c.Exchange(ctx, tenant, h, "ten-sales", "ten-service", "sv"); err != nil {
		t.Error(err)
	}
	if h, err = c.Holder(ctx, tenant, "9"); err != nil || h.Holds("ten-sales") || !h.Holds("ten-service") {
		t.Error(h, err)
	}
	if err := c.Exchange(ctx, tenant, h, "ten-service", "", ""); err != nil {
		t.Error(err)
	}
	if now, _ := s.sim.Tenant("Cust12345"); len(now.Users[8].Plans) != 0 || now.Users[8].Retired {
		t.Errorf("user 9 %+v", now.Users[8])
	}
	if ok, said, err := c.TryHook(ctx, tenant, superoffice.Hook{Name: "x", Events: []string{"associate.changed"}, TargetUrl: "https://elsewhere.example"}); err != nil || ok || said == "" {
		t.Error(ok, said, err)
	}
	if err := c.SaveHook(ctx, tenant, superoffice.Hook{Name: "x", Events: []string{"associate.changed"}, TargetUrl: "https://elsewhere.example", State: "Stopped"}); err != nil {
		t.Error(err)
	}
	if hooks, err := c.Hooks(ctx, tenant, "x"); err != nil || len(hooks) != 1 || hooks[0].State != "Stopped" {
		t.Error(hooks, err)
	}
	if may, err := c.MayManage(ctx, tenant); err != nil || !may {
		t.Error(may, err)
	}
	if may, err := c.MayActivate(ctx, tenant); err != nil || !may {
		t.Error(may, err)
	}
	if _, err := c.Activate(ctx, tenant, x.Raw); err != nil {
		t.Error(err)
	}
}
