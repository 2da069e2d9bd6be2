// Package words holds every sentence that a person reads, and the layouts in which it
// stands: the view of a diagnosis, the mails, the line for the person who reads the warning,
// and what the command line prints. The customer's pages are in functions/page, the desk's in
// functions/desk.
//
// A language is one file of data, such as en.go: sentences with places for values, the names
// of months, how dates, numbers and money are written. [Of] finds the language of a locale.
// [Language.View] makes of a diagnosis the one value from which JSON, page, mail and command
// line are drawn, so that they cannot tell different stories.
//
// A [Voice] is the one text engine under all of them: a language as it is spoken to one reader,
// in a zone, at an instant. Whoever has sentences of their own to say, such as the customer's
// page, asks it to Say them.
//
// A sentence may hold
//
//	{plan}            a value, written as its kind is written
//	{act_by.weekday}  a date with its day of the week
//	{need|seat|seats} the one word or the other, by the number
//	[[ on {on}]]      a part that is left out where a value in it is not known
package words
