// Package dynamo keeps accounts in one DynamoDB table, with the law of package store.
//
//	pk                        sk                              what
//	acct#<account>            head                            version n, history, entry, due
//	                          profile orders invoices licences    the parts of Known
//	                          seat#<cust>#<roster>#<user>     a person, and the plans held
//	                          fact#<id>                       the fact, its hash, its n
//	                          out#<n>-<i>                     an effect that is owed
//	                          <kind>#<id>                     rows: mail, task, link, swap, audit
//	                          terms                           what the account is indexed under
//	name#<sender>#<id>        account                         where the name leads
//	find#<term>               <account>                       one account found under the term
//	parked#<sender>#<id>      fact#<id>                       a fact without an account
//	aside#<id>                aside                           a body for a person to look at
//	fleet#counter#<key>       <hour>                          a count
//
// Three sparse indexes serve what is asked across keys; an item is in one only while it has
// the index's attributes:
//
//	due   duebucket, due       heads that fall due, in sixteen buckets by a hash of the account
//	rank  rosterkey, rank      seats that hold a plan, the best to free first
//	case  casekey, place       accounts that are cases, by urgency
//	list  listkey, listsort    accounts by name, facts of an account by n, parked facts and
//	                           bodies set aside by time; of an account also its entry
//
// An account's entry lies in its head and not in an item of its own: a commit does not know
// whether the entry changed, so it would write that item every time, two units each. DynamoDB does
// know, and writes to an index only what differs: most commits cost nothing for the list. The list
// of accounts is one key, not several: it takes a thousand changed entries a second, and a
// merge of several would make every page dearer.
package dynamo
