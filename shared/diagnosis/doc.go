// Package diagnosis says what it means: why a licence cannot renew itself, and what comes next.
//
// [Diagnose] runs the rules, one file each, in the order of the support FAQ; page, mail, desk and
// command line are drawn from what it finds. A rule sees a [Reading], compares instants through a
// [Clock] alone, and answers with a [Verdict]: it holds, fails, or is unknown, with evidence. Beside
// each rule_x.go stands rule_x.md, which says when it holds and who is told; rules.md has what they
// share. "3.1" and "Q17" in comments are headings there.
//
// All of it is pure: codes and numbers, no sentences. Those are package words'.
package diagnosis
