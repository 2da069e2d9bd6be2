package functions

import (
	"log/slog"
	"math"
	"net/http/httptest"
	"strings"
	"testing"

	"seatmend/functions/app"
)

// What cannot be written down is answered with 503, and not with 200 and nothing.
func TestAnAnswerThatCannotBeWritten(t *testing.T) {
	var log strings.Builder
	a := &app.App{Log: slog.New(slog.NewTextHandler(&log, nil))}
	w := httptest.NewRecorder()
	a.Reply(w, 200, map[string]any{"whole": 1, "at": math.NaN()})
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"code":"unavailable"`) || strings.Contains(w.Body.String(), "NaN") || !strings.Contains(log.String(), "NaN") {
		t.Errorf("%d %s, the log has %s", w.Code, w.Body, &log)
	}
}
