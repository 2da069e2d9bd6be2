package replies_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"seatmend/functions/app"
	"seatmend/functions/replies"
)

// What SES advises against is not even read; what it is not sure of is, and a mail that cannot be read is
// asked for again.
func TestWhatSESAdvisesAgainst(t *testing.T) {
	a := &app.App{Log: slog.New(slog.DiscardHandler)}
	for verdicts, taken := range map[string]bool{
		`{"spamVerdict":{"status":"PASS"},"virusVerdict":{"status":"PASS"},"spfVerdict":{"status":"PASS"},"dkimVerdict":{"status":"PASS"},"dmarcVerdict":{"status":"PASS"}}`: true,
		`{"spamVerdict":{"status":"GRAY"},"virusVerdict":{"status":"PROCESSING_FAILED"},"dmarcVerdict":{"status":"GRAY"}}`:                                                   true,
		`{"spamVerdict":{"status":"FAIL"}}`:                                false,
		`{"virusVerdict":{"status":"FAIL"}}`:                               false,
		`{"dmarcVerdict":{"status":"FAIL"},"dmarcPolicy":"reject"}`:        false,
		`{"dmarcVerdict":{"status":"FAIL"},"dmarcPolicy":"quarantine"}`:    false,
		`{"dmarcVerdict":{"status":"FAIL"},"dmarcPolicy":"none"}`:          true,
		`{"spfVerdict":{"status":"FAIL"},"dkimVerdict":{"status":"FAIL"}}`: false,
		`{"spfVerdict":{"status":"FAIL"},"dkimVerdict":{"status":"PASS"}}`: true,
		`{"spfVerdict":{"status":"GRAY"},"dkimVerdict":{"status":"GRAY"}}`: true,
		`{}`: true,
	} {
		var r replies.Receipt
		if err := json.Unmarshal([]byte(`{"Records":[{"eventSource":"aws:ses","ses":{"mail":{"messageId":"m1"},"receipt":`+verdicts+`}}]}`), &r); err != nil {
			t.Fatal(err)
		}
		lost, keys := errors.New("it is not there"), []string{}
		err := replies.Laid(t.Context(), a, r, func(_ context.Context, key string) ([]byte, error) {
			keys = append(keys, key)
			return nil, lost
		})
		if got := len(keys) == 1 && keys[0] == "m1"; got != taken || errors.Is(err, lost) != taken {
			t.Errorf("%s: read %v, want %v; %v", verdicts, keys, taken, err)
		}
	}
}
