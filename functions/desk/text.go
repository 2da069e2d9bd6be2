package desk

import (
	"fmt"
	"maps"
)

// A tongue is a language in which the screen is read: the tag of one of words.Languages.
type tongue string

// english is what the desk reads where nobody has said otherwise, and what leaves the house.
const english tongue = "en"

// tongues are all there are, with their texts.
var tongues = map[tongue]map[string]string{
	english: deskTexts,
	"sv":    whole(svLists, svCase),
	"nb":    nbTexts,
	"da":    daTexts,
	"de":    deTexts,
	"nl":    nlTexts,
}

// deskTexts are those in English, which has all. What the rules found is said by package words.
var deskTexts = whole(enLists, enCase)

func whole(parts ...map[string]string) map[string]string {
	all := map[string]string{}
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

// none stands where there is nothing to say.
const none = "–"
