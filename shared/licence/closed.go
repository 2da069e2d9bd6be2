package licence

// A Code names a rule, and what it finds.
type Code string

// The rules (package diagnosis), in the order of the support FAQ.
const (
	PlanSwap          Code = "plan-swap"
	Surplus           Code = "surplus"
	OrderDiffers      Code = "order-differs"
	NotActivated      Code = "not-activated"
	ActivationRefused Code = "activation-refused"
	WrongInstallation Code = "wrong-installation"
	TrialEnding       Code = "trial-ending"
	InvoiceOverdue    Code = "invoice-overdue"
	PaymentAwaited    Code = "payment-awaited"
	PaymentDisputed   Code = "payment-disputed"
	PaidNotExtended   Code = "paid-not-extended"
	NotInvoiced       Code = "not-invoiced"
	SubscriptionEnded Code = "subscription-ended"
	VersionNotCovered Code = "version-not-covered"
	NotFetched        Code = "not-fetched"
	IdentityDiffers   Code = "identity-differs"
	SuspendedThere    Code = "suspended"
	SourceStale       Code = "source-stale"
	Unexplained       Code = "unexplained"
)

// Work for ops that no rule finds, in an account or for the whole fleet; there are more in package engine,
// for faults of ours, and one in package diagnosis.
const (
	Directory     Code = "directory"      // the list of accounts is behind
	TooLarge      Code = "too-large"      // more was told than an account can hold
	NotHeard      Code = "not-heard"      // SuperOffice could not be asked to post what changes
	WithoutPlan   Code = "without-plan"   // people gave up a plan through us, and have none
	MailUncertain Code = "mail-uncertain" // nobody knows whether a mail went, or whom it should go to
	MailRefused   Code = "mail-refused"   // an address is refused
	MailsHeld     Code = "mails-held"     // so many mails at once that they wait for a person
	SetAside      Code = "set-aside"      // a body that nobody could read
	NoKey         Code = "no-key"         // a webhook that says only that something changed, and no key to read it
)

// A Severity tells how bad a finding is.
type Severity string

// Severities, the least first.
const (
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// A FindingState tells what becomes of a finding now.
type FindingState string

// Only what is open is told to anybody. What is unknown was not found: a fact is missing for it.
const (
	Open      FindingState = "open"
	Waiting   FindingState = "waiting"
	Answered  FindingState = "answered"
	Snoozed   FindingState = "snoozed"
	Verifying FindingState = "verifying"
	Unsettled FindingState = "unknown"
	Closed    FindingState = "closed" // of a task: nothing of it stands any more
)

// A LapsePhase tells how near the end of a licence is.
type LapsePhase string

// A Summary is an account's diagnosis in one word.
type Summary string

// Summaries.
const (
	AllWell     Summary = "ok"
	NeedsAction Summary = "needs-action"
	AllWaiting  Summary = "waiting"
	NotKnown    Summary = "unknown"
)
