package onboard

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"seatmend/shared/webhook"
)

// A column of the sheet. The sheet has one row for each customer and plan: so a spreadsheet
// holds it without columns called plan_3_price, and so a join of a partner's customers and
// plans comes out of any database. The rows of one customer stand together. What is said of the
// customer stands on its first row, and is repeated on the others or left empty there.
//
// The first line names the columns, in any order. events/onboard/customers.csv is a sheet.
type column struct {
	Name string
	need need
	// plan says that the cell is about the row's plan; else it is about the customer.
	plan bool
	says string
	kind kind
}

// kind is what the cells of a column hold.
type kind int

const (
	aText kind = iota
	aDate
	aCount
	aYes
)

// need is how much a column is needed.
type need string

const (
	always = need("always") // a value for every customer (or plan)
	header = need("column") // the column must be there, its cells may be empty
	free   = need("")
)

// Columns are all that a sheet may have.
var Columns = []column{
	{"account", always, false, "your number of the customer, on every row: C-1042", aText},
	{"name", always, false, "the company", aText},
	{"locale", always, false, "language of its emails: sv, nb, da, de, nl or en; any other is written in English", aText},
	{"timezone", always, false, "Europe/Stockholm", aText},
	{"country", free, false, "SE, where banking days differ from those of the time zone", aText},
	{"model", free, false, "plans (if empty), or suite: one plan for everybody", aText},
	{"mail", free, false, "review (if empty: emails wait for your approval), on, operator, off", aText},
	{"admin_name", header, false, "who looks after SuperOffice there", aText},
	{"admin_email", header, false, "who gets emails about seats and activation", aText},
	{"billing_name", header, false, "who pays the invoices", aText},
	{"billing_email", header, false, "who gets emails about payment", aText},
	{"cust_id", always, false, "CustID of the installation in production: Cust12345", aText},
	{"serial", always, false, "serial number of its licence; format the column as text", aText},
	{"hosting", always, false, "online or onsite", aText},
	{"url", free, false, "where it is opened: https://online2.superoffice.com/Cust12345", aText},
	{"trial_cust_id", free, false, "CustID of a trial that the customer still has", aText},
	{"trial_serial", free, false, "its serial number", aText},
	{"trial_url", free, false, "where it is opened", aText},
	{"billing_sender", free, false, "the billing system: stripe, standard, chargebee, paddle, recurly", aText},
	{"billing_id", free, false, "the customer's id there: cus_F10rd", aText},
	{"plan", header, true, "your id of the plan: sales-premium; empty: the customer has none", aText},
	{"plan_name", header, true, "Sales Premium", aText},
	{"module", header, true, "its name in the licence: ten-sales", aText},
	{"price", header, true, "price ids that mean this plan, separated by |", aText},
	{"kind", free, true, "what the licence counts there: plan (if empty), addon, hidden", aText},
	{"ordered", free, true, "seats in the present order", aCount},
	{"subscription", free, true, "the order's id in the billing system, which replaces it with updates of its own; needed with ordered; empty: as on the row above", aText},
	{"ordered_since", free, false, "day from which it applies; empty: it has applied for a long time", aDate},
	{"renews_at", free, false, "when the order renews", aDate},
	{"next_check", free, false, "licence: when it is checked next", aDate},
	{"admin_warning", free, false, "licence: administrators are warned from", aDate},
	{"expires", free, false, "licence: valid until", aDate},
	{"grace_until", free, false, "licence: stops working on", aDate},
	{"maintenance_until", free, false, "licence: maintenance agreement until", aDate},
	{"version", free, false, "version that runs: 12.2", aText},
	{"licensed_version", free, false, "version that the licence covers", aText},
	{"total", free, true, "seats in the licence, or unlimited", aCount},
	{"in_use", free, true, "seats assigned", aCount},
	{"offered", free, false, "yes: a new licence is waiting to be activated; needed once next_check has passed", aYes},
	{"can_activate", free, false, "yes or no; needed where offered is yes", aYes},
	{"new_expires", free, false, "the day until which the new licence is valid", aDate},
	{"new_total", free, true, "seats in the new licence", aCount},
	{"as_of", free, false, "day on which the licence was read; empty: now", aDate},
}

// aboutLicence are the columns that make a licence.reported: any of them asks for total and in_use.
var aboutLicence = []string{"next_check", "admin_warning", "expires", "grace_until", "maintenance_until", "version", "licensed_version",
	"offered", "can_activate", "new_expires", "total", "in_use", "new_total"}

// Of a sheet of figures these columns must be there, and those of aboutLicence and as_of may be; it says
// nothing else. It is told from a whole sheet by that it names nobody.
var (
	ofFigures = []string{"account", "cust_id", "serial", "hosting", "timezone", "plan", "plan_name", "module", "expires", "offered", "total", "in_use"}
	ofPeople  = []string{"name", "locale", "admin_name", "admin_email", "billing_name", "billing_email"}
)

// mayBe tells whether a sheet of figures may have the column.
func mayBe(name string) bool {
	return slices.Contains(ofFigures, name) || slices.Contains(aboutLicence, name) || name == "kind" || name == "as_of"
}

func columnNamed(name string) (column, bool) {
	for _, c := range Columns {
		if c.Name == name {
			return c, true
		}
	}
	return column{}, false
}

// DescribeColumns prints them for -h.
func DescribeColumns(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range Columns {
		of, must := "customer", ""
		if c.plan {
			of = "plan"
		}
		switch c.need {
		case always:
			must = "needed"
		case header:
			must = "needed, cells may be empty"
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", c.Name, of, must, c.says)
	}
	t.Flush()
}

// called is what sheets in our languages call columns, in lower case, with _ for blanks and hyphens.
var called = map[string]string{
	"account": "kund kundnr kundnummer kund_nr kund_id kundid kunde kundenr kundenummer kunde_nr kunde_id kundeid kundennummer kundennr kunden_nr klant klantnr klantnummer klant_nr klant_id " +
		"customer customer_no customer_number customer_id customerid account_id account_number",
	"name": "namn navn naam företag företagsnamn bolag kundnamn firma firmanavn firmenname selskap selskapsnavn bedrift virksomhet virksomhed kundenavn unternehmen kundenname bedrijf bedrijfsnaam klantnaam " +
		"company company_name customer_name account_name",
	"locale":        "språk sprog sprache taal language lang",
	"timezone":      "tidszon tidzon tids_zon tidssone tidszone zeitzone tijdzone time_zone",
	"country":       "land",
	"admin_name":    "administratör administrator beheerder admin",
	"admin_email":   "administratör_e_post admin_e_post admin_epost admin_mail admin_e_mail administrator_e_mail administrator_email",
	"billing_name":  "fakturamottagare fakturamottaker fakturamodtager rechnungsempfänger factuurontvanger billing",
	"billing_email": "faktura_e_post faktura_epost fakturamejl faktura_mail faktura_e_mail rechnungs_e_mail rechnung_e_mail factuur_e_mail billing_mail invoice_email",
	"serial":        "serienummer serienr serie_nr seriennummer seriennr serial_number serial_no",
	"plan_name":     "plannamn plan_namn plannavn plan_navn planname plannaam plan_naam",
	"module":        "modul modulnamn modulnavn modulname",
	"price":         "pris preis prijs pris_id preis_id prijs_id price_id",
	"ordered":       "beställt beställda bestilt bestilte bestellt besteld",
	"subscription":  "abonnemang abonnement subscription_id",
	"expires":       "utgår utgångsdatum giltig_till giltigt_till utløper utløpsdato gyldig_til udløber udløbsdato ablauf ablaufdatum gültig_bis läuft_ab verloopt verloopdatum vervaldatum geldig_tot expiry valid_until",
	"total":         "totalt antal antall licenser lisenser lizenzen licenties anzahl aantal gesamt totaal licences licenses seats",
	"in_use":        "används använda använd i_bruk brukt brukte tilldelade i_brug brugt tildelt benutzt belegt in_benutzung in_gebrauch gebruikt in_gebruik used assigned",
}

// meant is the column that a word of our languages stands for; "": none.
func meant(name string) string {
	told := strings.TrimRight(strings.NewReplacer("-", "_", ".", "").Replace(name), "_")
	for column, words := range called {
		if slices.Contains(strings.Fields(words), told) {
			return column
		}
	}
	return ""
}

// nearest is the column that a wrong name most probably means; "": none is near.
func nearest(name string) string {
	if column := meant(name); column != "" {
		return column
	}
	var names []string
	for _, c := range Columns {
		names = append(names, c.Name)
	}
	return webhook.Nearest(strings.ReplaceAll(name, "-", "_"), names)
}
