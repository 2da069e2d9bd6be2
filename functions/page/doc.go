// Package page is the customer's page, behind the link in a mail: what answers it, what it shows ([Data]), and how
// that looks. Its sentences are package words'.
//
// remedy.go opens a link and answers; overview.go is the first page. Below it are those that lead
// through the cure (cure.go): who holds a seat (people.go), whom to free or to move (choose.go), the
// steps in SuperOffice, and the new licence beside the old (activation.go). check.go reads again and
// compares; stated.go takes a person's word where nothing can be read; progress.go tells who is on
// what, and what has become of it. Each form is one row in forms.go, and becomes a fact. A GET changes
// nothing. The account is read once for each request, and diagnosed once.
package page
