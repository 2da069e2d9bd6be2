package replies

import (
	"context"
	"fmt"
	"strings"

	"seatmend/functions/app"
)

// A Receipt is what SES tells of mails that it took and laid down, as far as it is read here.
type Receipt struct {
	Records []struct {
		SES struct {
			Mail    struct{ MessageID string } // the key of the object, too
			Receipt Verdicts
		}
	}
}

// Verdicts are what SES thinks of a mail: PASS, FAIL, GRAY or PROCESSING_FAILED each.
type Verdicts struct {
	SpamVerdict, VirusVerdict, SPFVerdict, DKIMVerdict, DMARCVerdict struct{ Status string }
	DMARCPolicy                                                      string // what the domain of From wants done with what fails
}

// against is why a mail is not to be taken; "": it may be.
func (v Verdicts) against() string {
	const no = "FAIL"
	switch {
	case v.VirusVerdict.Status == no:
		return "virus"
	case v.SpamVerdict.Status == no:
		return "spam"
	case v.DMARCVerdict.Status == no && !strings.EqualFold(v.DMARCPolicy, "none"):
		return "forged, by DMARC"
	case v.SPFVerdict.Status == no && v.DKIMVerdict.Status == no:
		return "forged, by SPF and DKIM"
	}
	return ""
}

// Function makes a function one that takes what SES laid down.
func Function(a *app.App) error {
	bucket := a.Environment("SEATMEND_INBOX")
	a.Hear(func(ctx context.Context, r Receipt) error {
		return Laid(ctx, a, r, func(ctx context.Context, key string) ([]byte, error) { return a.AWS.Object(ctx, bucket, key) })
	})
	return nil
}

// Laid takes the mails of a receipt that SES does not advise against; of the others ops hear, if they answer
// mails of ours. Where it fails, Lambda tells the
// receipt again, and what was taken is known by then.
func Laid(ctx context.Context, a *app.App, r Receipt, read func(ctx context.Context, key string) ([]byte, error)) error {
	for _, record := range r.Records {
		key := record.SES.Mail.MessageID
		why := record.SES.Receipt.against()
		if why != "" {
			a.Log.Info("reply", "outcome", Ignored, "why", why, "mail", key)
		}
		raw, err := read(ctx, key)
		switch {
		case err != nil:
		case why != "":
			err = PassOver(ctx, a, raw)
		default:
			_, err = Take(ctx, a, raw)
		}
		if err != nil {
			return fmt.Errorf("replies: the mail %s: %w", key, err)
		}
	}
	return nil
}
