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
