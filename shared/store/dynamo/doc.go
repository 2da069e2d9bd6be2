// Package dynamo keeps accounts in one DynamoDB table, with the law of package store.
//
//	pk                        sk                              what
//	acct#<account>            head                            the account, by layout 1: see below
//	                          head#<part>                     a part of Known that is too large for the head
//	                          seat#<cust>#<roster>#<user>     a person, and the plans held
//	                          facts#<from>-<to>               ids of facts that left the head, by version
//	                          told#<id>                       a fact of our own, and its version
//	                          out#<n>-<i>                     an effect that is owed and found no room in the head
//	                          <kind>#<id>                     rows: mail, task, link, swap, audit
//	                          terms                           what the account is indexed under
//	told#<id>                 told                            a fact that a sender gave its id, its account and version
//	name#<sender>#<id>        account                         where the name leads
//	scrap#<first>             <term>#<account>                one account found under the term
//	parked#<sender>#<id>      fact#<id>                       a fact without an account
//	aside#<id>                aside                           a body for a person to look at
//	fleet#counter#<key>       <hour>                          a count
//
// A head is a small table of its own: version n, the history (h), each small part of Known (p_<part>), each
// effect that is owed (e_<id>), the ids of the latest facts (f_<version>), and what lists show. So what most
// events change is one item, and written by one plain update on the condition that n is what it was. The
// fact is written before it as a claim (claim.go), which the head makes true. Bodies are deflated by a
// dictionary (squeeze.go). infra/decisions/19-units.md says what that costs, and why it is safe.
//
// Four sparse indexes serve what is asked across keys; an item is in one only while it has
// the index's attributes:
//
//	due   duebucket, due       heads that fall due, in sixteen buckets by a hash of the account
//	rank  rosterkey, rank      seats that hold a plan, the best to free first
//	case  casekey, place       accounts that are cases, by urgency
//	list  listkey, listsort    accounts by name, parked facts and bodies set aside by time; of an
//	                           account also its entry
//
// An account's entry lies in its head and not in an item of its own: a commit does not know
// whether the entry changed, so it would write that item every time. DynamoDB does
// know, and writes to an index only what differs: most commits cost nothing for the list. The list
// of accounts is one key, not several: it takes a thousand changed entries a second, and a
// merge of several would make every page dearer.
package dynamo
