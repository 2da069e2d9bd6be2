-- Times are UTC text of fixed width, so that they sort; '' is never.

CREATE TABLE account (
	account TEXT PRIMARY KEY,
	n       INTEGER NOT NULL, -- of the commit that wrote it
	history BLOB NOT NULL,
	entry   BLOB NOT NULL,    -- what lists show
	place   TEXT NOT NULL,    -- among the cases; '' is none
	due     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX account_place ON account (place) WHERE place <> '';
CREATE INDEX account_due ON account (due, account) WHERE due <> '';

CREATE TABLE part (
	account TEXT NOT NULL,
	part    TEXT NOT NULL,
	body    BLOB NOT NULL,
	PRIMARY KEY (account, part)
) WITHOUT ROWID;

CREATE TABLE seat (
	account TEXT NOT NULL,
	cust_id TEXT NOT NULL,
	roster  TEXT NOT NULL,
	user    TEXT NOT NULL,
	rank    TEXT NOT NULL, -- the least is the best to free; '' holds nothing
	body    BLOB NOT NULL,
	PRIMARY KEY (account, cust_id, roster, user)
) WITHOUT ROWID;
CREATE INDEX seat_rank ON seat (account, cust_id, roster, rank, user) WHERE rank <> '';

CREATE TABLE fact (
	account TEXT NOT NULL,
	id      TEXT NOT NULL,
	n       INTEGER NOT NULL, -- of the commit that it came with: one fact a commit
	hash    TEXT NOT NULL,
	body    BLOB NOT NULL,
	stored  TEXT NOT NULL,
	ends    TEXT NOT NULL,
	PRIMARY KEY (account, id)
) WITHOUT ROWID;
CREATE INDEX fact_n ON fact (account, n);

CREATE TABLE effect (
	account TEXT NOT NULL,
	id      TEXT NOT NULL,
	body    BLOB NOT NULL,
	PRIMARY KEY (account, id)
) WITHOUT ROWID;

CREATE TABLE row (
	account TEXT NOT NULL,
	kind    TEXT NOT NULL,
	id      TEXT NOT NULL,
	body    BLOB NOT NULL,
	ends    TEXT NOT NULL,
	PRIMARY KEY (account, kind, id)
) WITHOUT ROWID;

CREATE TABLE name (
	sender  TEXT NOT NULL,
	id      TEXT NOT NULL,
	account TEXT NOT NULL,
	PRIMARY KEY (sender, id)
) WITHOUT ROWID;

CREATE TABLE parked (
	sender TEXT NOT NULL, -- the last of the fact's names
	id     TEXT NOT NULL,
	fact   TEXT NOT NULL,
	hash   TEXT NOT NULL,
	body   BLOB NOT NULL,
	stored TEXT NOT NULL,
	ends   TEXT NOT NULL,
	PRIMARY KEY (sender, id, fact)
) WITHOUT ROWID;
CREATE INDEX parked_stored ON parked (stored);

CREATE TABLE aside (
	id     TEXT PRIMARY KEY,
	body   BLOB NOT NULL,
	stored TEXT NOT NULL,
	ends   TEXT NOT NULL,
	pile   TEXT NOT NULL DEFAULT '', -- its sender and account
	size   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX aside_stored ON aside (stored);
CREATE INDEX aside_pile ON aside (pile, size);

CREATE TABLE told ( -- ids that senders gave to facts
	fact    TEXT PRIMARY KEY,
	account TEXT NOT NULL, -- '' while it is parked
	hash    TEXT NOT NULL,
	ends    TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE term (
	term    TEXT NOT NULL,
	account TEXT NOT NULL,
	PRIMARY KEY (term, account)
) WITHOUT ROWID;
CREATE INDEX term_account ON term (account);

CREATE TABLE counter (
	key   TEXT NOT NULL,
	hour  TEXT NOT NULL,
	count INTEGER NOT NULL,
	ends  TEXT NOT NULL,
	PRIMARY KEY (key, hour)
) WITHOUT ROWID;
