package webhook

import (
	"net/http"
	"time"

	"seatmend/shared/licence"
)

const (
	loginName   = "login"
	loginWarned = "login.warned"
)

// login tells of users who were shown the warning. It has a secret of its own, since it
// often runs in a browser's neighbourhood, and says nothing but that.
var login = register(Sender{
	Name:   loginName,
	Routes: []string{"login"},
	Verify: verifyStandard,
	Read: func(h http.Header, body []byte, _ string, now time.Time) (Body, error) {
		return readSigned(h, body, loginName, now)
	},
	Sign:  signStandard,
	Fresh: func(random string) string { return "whsec_" + random },
	Mends: true,
})

type loginWarning struct {
	CustID   string     `json:"cust_id" validate:"required,shortid,path"`
	Serial   string     `json:"serial" validate:"required,id"`
	URL      *string    `json:"url" validate:"required,web"`
	Version  *string    `json:"version" validate:"required,line"`
	Message  *string    `json:"message" validate:"required,note"`
	DaysLeft **int      `json:"days_left" validate:"omitempty,gte=-36600,lte=36600"` // required, may be null: not known
	User     *loginUser `json:"user" validate:"required"`
}

type loginUser struct {
	ID     string  `json:"id" validate:"required,shortid"`
	Name   *string `json:"name" validate:"required,line"`
	Email  *string `json:"email" validate:"required,nomail"`
	Locale string  `json:"locale" validate:"required,lang"`
}

func (w *loginWarning) payload(f *form, _ time.Time) (string, licence.Payload) {
	if w.DaysLeft == nil {
		f.say("data.days_left", "is required")
		return "", nil
	}
	return "", licence.LoginWarned{
		CustID:   w.CustID,
		Serial:   w.Serial,
		URL:      *w.URL,
		Version:  *w.Version,
		Message:  *w.Message,
		DaysLeft: *w.DaysLeft,
		User:     licence.LoginUser{ID: w.User.ID, Name: *w.User.Name, Email: *w.User.Email, Locale: w.User.Locale},
	}
}
