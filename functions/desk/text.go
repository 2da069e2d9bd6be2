package desk

import (
	"fmt"
	"maps"
	"strings"
)

// A tongue is a language in which the screen is read: the tag of one of words.Languages.
type tongue string

// english is what the desk reads where nobody has said otherwise, and what leaves the house.
const english tongue = "en"

// tongues are all there are, with their texts.
var tongues = map[tongue]map[string]string{
	english: deskTexts,
	"sv":    whole("sv", svLists, svCase),
	"nb":    whole("nb", nbTexts),
	"da":    whole("da", daTexts),
	"de":    whole("de", deTexts),
	"nl":    whole("nl", nlTexts),
}

// deskTexts are those in English, which has all. What the rules found is said by package words.
var deskTexts = whole(english, enLists, enCase)

// whole are the texts of a language: its own, and as causes what package words calls tasks.
func whole(g tongue, parts ...map[string]string) map[string]string {
	all := map[string]string{}
	for key, text := range g.language().Text {
		if code, ok := strings.CutPrefix(key, "task."); ok {
			all["cause."+code] = text
		}
	}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

// say says one of the texts of the screen; of a key that is none, the key.
func (g tongue) say(key string, args ...any) string {
	text, ok := tongues[g][key]
	if !ok {
		text, ok = deskTexts[key]
	}
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// deskKnows tells whether there is such a text.
func deskKnows(key string) bool { _, ok := deskTexts[key]; return ok }

// text says a code in words; of a code without words, the code.
func (g tongue) text(prefix string) func(any) string {
	return func(code any) string {
		if key := prefix + fmt.Sprint(code); deskKnows(key) {
			return g.say(key)
		}
		return fmt.Sprint(code)
	}
}

// value is what a sender's code means, such as the status of an invoice; of one that nobody has
// named, the code.
func (g tongue) value(kind, code string) string {
	if text, ok := g.language().Text["value."+kind+"."+code]; ok {
		return text
	}
	return code
}

// values says such codes.
func (g tongue) values(kind string) func(any) string {
	return func(code any) string { return g.value(kind, fmt.Sprint(code)) }
}

// none stands where there is nothing to say.
const none = "–"
