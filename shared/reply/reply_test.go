package reply_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"seatmend/shared/reply"
)

const head = "From: =?utf-8?q?Anna_Stor=C3=A9?= <Anna@Storvik.example>\r\nTo: svar@fjordpartner.example\r\nSubject: =?iso-8859-1?q?Sv=3A_Frig=F6r?= 2\r\nMessage-ID: <a1@storvik.example>\r\nIn-Reply-To: <mail-2@fjordpartner.example>\r\nReferences: <mail-1@fjordpartner.example>\r\n <mail-2@fjordpartner.example>\r\nMIME-Version: 1.0\r\n"

func Example() {
	r, err := reply.Read([]byte(head + "\r\nVi tar bort två i morgon.\r\n\r\nDen mån 23 nov. 2026 kl 10:14 skrev Fjordpartner licens <licens@fjordpartner.example>:\r\n> Hej Anna!\r\n"))
	fmt.Println(err, r.From, r.Name, r.Subject)
	fmt.Println(r.Threads)
	fmt.Println(r.Text)
	// Output:
	// <nil> anna@storvik.example Anna Storé Sv: Frigör 2
	// [mail-2@fjordpartner.example mail-2@fjordpartner.example mail-1@fjordpartner.example]
	// Vi tar bort två i morgon.
}

// What mail programs make of an answer, in each language and form: only what the person wrote is left.
func TestOnlyWhatWasWrittenIsLeft(t *testing.T) {
	const own = "Vi tar bort två.\nHälsningar\nAnna"
	for name, quote := range map[string]string{
		"Gmail sv":     "Den mån 23 nov. 2026 kl 10:14 skrev Fjordpartner licens <licens@fjordpartner.example>:\n\n> Hej Anna!\n> Frigör 2",
		"Gmail en":     "On Mon, Nov 23, 2026 at 10:14 AM Fjordpartner licens <licens@fjordpartner.example>\nwrote:\n\n> Hej Anna!",
		"Gmail no":     "man. 23. nov. 2026 kl. 10:14 skrev Fjordpartner licens <licens@fjordpartner.example>:\n\n> Hei",
		"Gmail da":     "Den man. 23. nov. 2026 kl. 10.14 skrev Fjordpartner licens <licens@fjordpartner.example>:\n> Hej",
		"Gmail de":     "Am Mo., 23. Nov. 2026 um 10:14 Uhr schrieb Fjordpartner licens <licens@fjordpartner.example>:\n\n> Guten Tag",
		"Gmail nl":     "Op ma 23 nov 2026 om 10:14 schreef Fjordpartner licens <licens@fjordpartner.example>:\n> Geachte",
		"Outlook sv":   "________________________________\nFrån: Fjordpartner licens <licens@fjordpartner.example>\nSkickat: den 23 november 2026 10:14\nTill: Anna\nÄmne: Frigör\n\nHej Anna!",
		"Outlook en":   "From: Fjordpartner licens <licens@fjordpartner.example>\nSent: Monday, 23 November 2026 10:14\nTo: Anna\n\nHej Anna!",
		"Outlook de":   "Von: Fjordpartner licens <licens@fjordpartner.example>\nGesendet: Montag, 23. November 2026 10:14\nAn: Anna\n\nGuten Tag",
		"Outlook nl":   "Van: Fjordpartner licens <licens@fjordpartner.example>\nVerzonden: maandag 23 november 2026 10:14\nAan: Anna\n\nGeachte",
		"Outlook da":   "Fra: Fjordpartner licens <licens@fjordpartner.example>\nSendt: 23. november 2026 10:14\nTil: Anna\n\nHej",
		"old Outlook":  "-----Ursprüngliche Nachricht-----\nVon: Fjordpartner\n\nGuten Tag",
		"Thunderbird":  "> Hej Anna!\n>\n> Frigör 2 platser",
		"Apple Mail":   "> 23 nov. 2026 kl. 10:14 skrev Fjordpartner:\n> \n> Hej Anna!",
		"nothing":      "",
		"a bare reply": "   ",
	} {
		r, err := reply.Read([]byte(head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(own+"\n\n"+quote, "\n", "\r\n")))
		if err != nil || r.Text != own || r.Auto != "" {
			t.Errorf("%s: %q, auto %q, %v", name, r.Text, r.Auto, err)
		}
	}
}

// Whoever answers on top, between the lines and below is heard in each place, where the earlier mail is marked
// line by line or its text is known; what introduces a quotation is known in other languages, too.
func TestAnswersBetweenTheLines(t *testing.T) {
	const plain, rich = "Content-Type: text/plain; charset=utf-8\n\n", "Content-Type: text/html; charset=utf-8\n\n"
	const earlier = "Hej Anna!\n\nSales Premium: 9 personer har licensen, den nya gäller 7. Ta bort den från 2, så kan ni aktivera.\n\n  7\n\nSe stegen:\nhttps://l.example/r/x\n\n--\nFjordpartner AS tar hand om SuperOffice åt Fjord."
	const block = "Från: Fjordpartner licens <licens@f.example>\nSkickat: den 23 november 2026 10:14\nTill: Anna\nÄmne: Frigör\n\n"
	const told = "Hej Anna!\nSales Premium: 9 personer har licensen, den nya gäller 7. Ta bort\nden från 2, så kan ni aktivera.\n"
	for name, c := range map[string]struct{ body, want string }{
		"marked, between alone":      {plain + "> Hej Anna!\n> Frigör 2\nJa, i morgon.\n> Hälsningar\nAnna", "Ja, i morgon.\nAnna"},
		"marked, on top and between": {plain + "Se nedan.\n\nDen mån 23 nov. 2026 kl 10:14 skrev Fjordpartner <licens@f.example>:\n> Frigör 2?\nJa.\n> I morgon?\n\nNej, på fredag.", "Se nedan.\n\nJa.\n\nNej, på fredag."},
		"marked, the sign on two":    {plain + "See below.\n\nOn Mon, Nov 23, 2026 at 10:14 AM Fjordpartner <licens@f.example>\nwrote:\n\n> Free 2?\nYes.", "See below.\n\nYes."},
		"marked, in Finnish":         {plain + "Katso alta.\n\nma 23.11.2026 klo 10.14 Fjordpartner (licens@f.example) kirjoitti:\n> Free 2?\nKyllä.", "Katso alta.\n\nKyllä."},
		"marked, in Polish, on two":  {plain + "Poniżej.\n\npon., 23 lis 2026 o 10:14 Fjordpartner <licens@f.example>\nnapisał(a):\n> Free 2?\nTak.", "Poniżej.\n\nTak."},
		"Outlook, marked":            {plain + "Se nedan.\n\n-----Ursprungligt meddelande-----\n" + block + "> Frigör 2?\nJa.\n> I morgon?\nNej.", "Se nedan.\n\nJa.\nNej."},
		"Outlook":                    {plain + "Mina svar nedan.\n\n" + block + told + "Två slutar i dag.\n7\nDet ska vara 9!\nSe stegen<https://l.example/r/x>\n<https://filter.example/?url=https%3A%2F%2Fl.example%2Fr%2Fx>\nhttps://ours.example/list\n--\n", "Mina svar nedan.\n\nTvå slutar i dag.\nDet ska vara 9!\nhttps://ours.example/list"},
		"Outlook, below":             {plain + block + told + "\nVi gör det på fredag.", "Vi gör det på fredag."},
		"Outlook, like a head":       {plain + block + told + "Datum: 12 december\nTill: alla som slutar", "Datum: 12 december\nTill: alla som slutar"},
		"Outlook, on top alone":      {plain + "Ja.\n\n" + block + told, "Ja."},
		"Outlook in French":          {plain + "Oui.\n\nDe : Fjordpartner <licens@f.example>\nEnvoyé : lundi 23 novembre 2026 10:14\nÀ : Anna\nObjet : Frigör\n\n" + told, "Oui."},
		"nothing but the mail":       {plain + block + told, "Hej Anna!\nSales Premium: 9 personer har licensen, den nya gäller 7. Ta bort\nden från 2, så kan ni aktivera."},
		"our people's answer":        {plain + "Tack!\n\n" + block + "Hej Anna!\nVi ringer i morgon.\n\n" + block + "Ja, två.\n\n" + block + told, "Tack!\n\n> Vi ringer i morgon."},
		"an older answer":            {plain + "Tack!\n\n" + block + told + "Eva slutar.\n\n" + block + "Vad gäller?", "Tack!\n\nEva slutar."},
		"what a colleague wrote":     {plain + "Hej.\nDen fakturan skrev Bo under:\nden är betald.\nOn Monday your colleague wrote:\nfree two.", "Hej.\nDen fakturan skrev Bo under:\nden är betald.\nOn Monday your colleague wrote:\nfree two."},
		"HTML, between":              {rich + `<p>Se nedan.</p><div class="moz-cite-prefix">Am 23.11. schrieb F:<br></div><blockquote type="cite"><p>Frigör 2?</p></blockquote><p>Ja.</p><blockquote><p>I morgon?<blockquote>noch</blockquote> ja?</p></blockquote><p>Nej.</p>`, "Se nedan.\n\nJa.\n\nNej."},
		"Gmail's HTML, in Polish":    {rich + `<div>Tak.</div><div class="gmail_quote"><div dir="ltr" class="gmail_attr">pon. F napisał(a):<br></div><blockquote class="gmail_quote">Free 2?</blockquote></div>`, "Tak."},
		"Gmail's HTML":               {rich + `<div>Ja.</div><div class="gmail_quote">Den mån 23 nov. skrev F &lt;l@f.example&gt;:<blockquote class="gmail_quote">Frigör 2?</blockquote>Anna</div>`, "Ja.\nAnna"},
		"Outlook's HTML":             {rich + `<p>Ja.</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> F<br><b>Sent:</b> Monday<br></div><p>Hej Anna!</p><p>Vi är 9.</p>`, "Ja.\n\nVi är 9."},
		"who quotes nothing":         {plain + "Vi ses den 3 maj:\nkl. 10:00\n\nTill: alla som slutar, hälsa dem.", "Vi ses den 3 maj:\nkl. 10:00\n\nTill: alla som slutar, hälsa dem."},
	} {
		r, err := reply.Read([]byte(head + strings.ReplaceAll(c.body, "\n", "\r\n")))
		if got := r.Beside(earlier); err != nil || got != c.want {
			t.Errorf("%s: %q, want %q; %v", name, got, c.want, err)
		}
	}
}

// apple is a mail of Apple's: its text goes on below a picture.
func apple(kind, body string) string {
	return "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: " + kind + "\r\n\r\n" + body + "--x--\r\n"
}

func TestPartsAndCharsets(t *testing.T) {
	const img = "\r\n--x\r\nContent-Type: image/jpeg\r\nContent-Disposition: inline; filename=a.jpg\r\n\r\nJPG\r\n--x\r\nContent-Type: "
	alternative := head + "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain; charset=iso-8859-15\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nPl=E5tsen =A4 5\r\n--y\r\nContent-Type: text/html\r\n\r\n<p>No</p>\r\n--y--\r\n--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--x--\r\n"
	for _, c := range []struct {
		raw, text string
		attached  int
	}{
		{alternative, "Plåtsen € 5", 1},
		{head + "Content-Type: text/plain; charset=windows-1252\r\n\r\nBj\xf6rn \x80", "Björn €", 0},
		{head + "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nVmkgdGFyIGJvcnQgdHbDpS4=\r\n", "Vi tar bort två.", 0},
		{head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><style>p{}</style></head><body><p>Vi tar bort &lt;två&gt;.</p><div class=\"gmail_quote\"><div class=\"gmail_attr\">Den skrev:<br></div><blockquote class=\"gmail_quote\"><b>Hej</b></blockquote></div></body></html>", "Vi tar bort <två>.", 0},
		{head + "Content-Type: text/html\r\n\r\n<script>alert(1)</script>Ja<br>Nej<blockquote>Hej</blockquote>", "Ja\nNej", 0},
		{head + "Content-Type: text/plain; charset=unheard-of\r\n\r\nJa \xff\x01 nej\u202eignore", "Ja �  nej ignore", 0},
		{head + "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nJa\r\n--x", "Ja", 0},
		{head + "Content-Type: image/png\r\n\r\nPNG", "", 1},
		{head + apple("text/plain", "Se bilden."+img+"text/plain\r\n\r\nVi tar bort två.\r\n"), "Se bilden.\nVi tar bort två.", 1},
		{head + "Content-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\n\r\nAllt.\r\n--y\r\n" + apple("text/html", "<p>Se bilden.</p>"+img+"text/html\r\n\r\n<p>Två.</p>\r\n") + "\r\n--y--", "Allt.", 1},
		{head + "Content-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\n\r\n \r\n\r\n--y\r\n" + apple("text/html", "<p>Se bilden.</p>"+img+"text/html\r\n\r\n<p>Två.</p>\r\n") + "\r\n--y--", "Se bilden.\n\nTvå.", 1},
		{head + apple("text/plain", "Se filen.\r\n--x\r\nContent-Disposition: inline; filename=a.txt\r\nContent-Type: text/plain\r\n\r\nRad 1"), "Se filen.", 1},
	} {
		r, err := reply.Read([]byte(c.raw))
		if err != nil || r.Text != c.text || r.Attached != c.attached {
			t.Errorf("%q with %d attached, want %q with %d; %v", r.Text, r.Attached, c.text, c.attached, err)
		}
	}
}

func TestProgramsAreNoPersons(t *testing.T) {
	const plain = "From: anna@storvik.example\r\nIn-Reply-To: <m@f.example>\r\n"
	for header, auto := range map[string]string{
		"": "", "Auto-Submitted: no": "", "Return-Path: <anna@storvik.example>": "", "X-Auto-Response-Suppress: All": "",
		"Auto-Submitted: auto-replied": "auto-submitted", "Auto-Submitted: auto-generated; x=y": "auto-submitted", "Return-Path: <>": "bounce", "Precedence: bulk": "list", "X-Autoreply: yes": "auto-reply",
		"Content-Type: multipart/report; report-type=delivery-status; boundary=x": "bounce", "List-Id: <l.example>": "list",
	} {
		if header != "" {
			header += "\r\n"
		}
		r, err := reply.Read([]byte(plain + header + "\r\nJa"))
		if err != nil || r.Auto != auto {
			t.Errorf("%q: %q, want %q; %v", header, r.Auto, auto, err)
		}
	}
	for _, from := range []string{"MAILER-DAEMON@storvik.example", "Postmaster <postmaster@storvik.example>"} {
		if r, _ := reply.Read([]byte("From: " + from + "\r\n\r\nJa")); r.Auto != "bounce" {
			t.Errorf("%s: %q", from, r.Auto)
		}
	}
	if r, _ := reply.Read([]byte("Subject: x\r\n\r\nJa")); r.Auto != "nobody" {
		t.Errorf("from nobody: %q", r.Auto)
	}
}

// Who has a name that cannot be read has an address all the same.
func TestANameThatCannotBeRead(t *testing.T) {
	for _, name := range []string{"=?gb2312?B?zfXQocP3?=", "=?utf-8?q?Ada=0D=0ABcc:_all?=", `"Moe" Ada,`} {
		if r, err := reply.Read([]byte("From: " + name + " <Ada@uvdal.example>\r\n\r\nJa")); err != nil || r.From != "ada@uvdal.example" || r.Name != "" || r.Auto != "" {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// Of several authors, or of one whose address only looks like another, none is taken for somebody whom we know.
func TestSeveralAuthors(t *testing.T) {
	for _, from := range []string{
		"From: <eve@evil.example>, <anna@fjord.example>", "From: <eve@evil.example>\r\nFrom: <anna@fjord.example>",
		"From: <anna@fjord.example>\r\nFrom: <eve@evil.example>", "From: Anna <anna@\u212aunde.example>",
	} {
		r, err := reply.Read([]byte(from + "\r\n\r\nJa"))
		if err != nil || r.From == "" || strings.EqualFold(r.From, "anna@fjord.example") && !strings.Contains(r.From, ",") || r.From == "anna@kunde.example" {
			t.Errorf("%s: %q, %v", from, r.From, err)
		}
	}
}

// Whatever comes is bounded, and never more than text.
func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "\r\nJa"))
	f.Add([]byte(head + "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nJa\r\n--x--"))
	f.Add([]byte(head + "References: " + strings.Repeat("<a@b> ", 500) + "\r\n\r\n" + strings.Repeat("å", 20000)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := reply.Read(raw)
		if err != nil {
			return
		}
		if len(r.Threads) > 32 || utf8.RuneCountInString(r.Text) > 8002 || utf8.RuneCountInString(r.Subject) > 200 || len(r.From) > 1016 || !utf8.ValidString(r.Text+r.Subject+r.Name) || strings.ContainsAny(r.Text, "\x00\r\x1b\u202e") || strings.ContainsAny(r.Subject+r.Name+r.From, "\r\n") {
			t.Errorf("%+v", r)
		}
	})
}
