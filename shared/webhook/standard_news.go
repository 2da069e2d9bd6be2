package webhook

import (
	"time"

	"seatmend/shared/licence"
)

// Small news. A pointer to a pointer may be absent or null: nobody said.

type sourceChecked struct {
	Account string   `json:"account" validate:"required,id,account,path"`
	Source  string   `json:"source" validate:"required,oneof=licence users requests version tenant billing"`
	CustID  **string `json:"cust_id" validate:"omitempty,shortid,path"`
}

func (w *sourceChecked) payload(f *form, _ time.Time) (string, licence.Payload) {
	if w.Source != "billing" && text(w.CustID) == "" {
		f.say("data.cust_id", "is required where the source is not billing")
	}
	return w.Account, licence.SourceChecked{Of: w.Source, CustID: text(w.CustID)}
}

type paymentClaimed struct {
	Account   string   `json:"account" validate:"required,id,account,path"`
	Invoice   string   `json:"invoice" validate:"required,id"`
	PaidOn    date     `json:"paid_on"`
	Reference **string `json:"reference" validate:"omitempty,line"`
	By        **string `json:"by" validate:"omitempty,line"`
}

func (w *paymentClaimed) payload(*form, time.Time) (string, licence.Payload) {
	return w.Account, licence.PaymentClaimed{
		Invoice: w.Invoice, PaidOn: licence.Date(w.PaidOn), Reference: text(w.Reference), By: text(w.By),
	}
}

type arrangementChanged struct {
	Account string   `json:"account" validate:"required,id,account,path"`
	Until   date     `json:"until"`
	Note    **string `json:"note" validate:"omitempty,note"`
	By      **string `json:"by" validate:"omitempty,line"`
}

func (w *arrangementChanged) payload(*form, time.Time) (string, licence.Payload) {
	return w.Account, licence.ArrangementChanged{Until: licence.Date(w.Until), Note: text(w.Note), By: text(w.By)}
}

type activationTried struct {
	Account string   `json:"account" validate:"required,id,account,path"`
	CustID  string   `json:"cust_id" validate:"required,shortid,path"`
	OK      *bool    `json:"ok" validate:"required"`
	Reason  **string `json:"reason" validate:"omitempty,note"`
	By      **string `json:"by" validate:"omitempty,line"`
}

func (w *activationTried) payload(*form, time.Time) (string, licence.Payload) {
	return w.Account, licence.ActivationTried{CustID: w.CustID, OK: *w.OK, Reason: text(w.Reason), By: text(w.By)}
}

type findingAnswered struct {
	Account     string   `json:"account" validate:"required,id,account,path"`
	Fingerprint string   `json:"fingerprint" validate:"required,id"`
	Answer      string   `json:"answer" validate:"required,oneof=on-purpose numbers-wrong numbers-right handled not-right snooze"`
	Until       date     `json:"until"`
	By          **string `json:"by" validate:"omitempty,line"`
	Note        **string `json:"note" validate:"omitempty,note"`
}

func (w *findingAnswered) payload(*form, time.Time) (string, licence.Payload) {
	return w.Account, licence.FindingAnswered{
		Fingerprint: w.Fingerprint, Answer: w.Answer, Until: licence.Date(w.Until), By: text(w.By), Note: text(w.Note),
	}
}

type licenceIssued struct {
	Account string `json:"account" validate:"required,id,account,path"`
	CustID  string `json:"cust_id" validate:"required,shortid,path"`
	Expires *date  `json:"expires" validate:"required"`
}

func (w *licenceIssued) payload(*form, time.Time) (string, licence.Payload) {
	return w.Account, licence.LicenceIssued{CustID: w.CustID, Expires: licence.Date(*w.Expires)}
}
