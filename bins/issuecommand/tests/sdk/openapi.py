"""For schemathesis: values that are there, and a check that a request that is refused with 4xx leaves the database as it was.

The check reads the service's own SQLite file. Requests come one at a time, and nothing else changes the database meanwhile.
"""

import atexit
import hashlib
import os
import random
import sqlite3

import schemathesis

# Who was heard and when, who was told what, answers kept for repetition, and which process has what in hand: these move with any
# request.
ASIDE = {"agent", "session", "notice", "idempotency", "lease"}
# The last sign of life of a claim, which any request of its holder is; when GitHub was asked for an issue, which is done before a claim
# of it is refused; and the clock of all writes.
ASIDE_COLUMNS = {
    ("claim", "signed_at"),
    ("issue", "checked_at"),
    ("issue", "etag"),
    ("meta", "last_now"),
    ("meta", "writes"),
    ("meta", "clock"),
}

AGENTS = ["ada", "bob", "cleo"]
LIKELY = {
    "agent_id": AGENTS,
    "to_agent_id": AGENTS,
    "repo": ["acme/harbour"],
    "issue_number": list(range(1, 45)),
    "number": list(range(1, 45)),
}
chance = random.Random(1)

database = sqlite3.connect(f"file:{os.environ['SQLITE_PATH']}?mode=ro", uri=True, check_same_thread=False)
before = {}
compared = 0


def tables():
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
        if table not in ASIDE and not table.startswith(("sqlite_", "_sqlx")):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            yield table, ", ".join(name for name in columns if (table, name) not in ASIDE_COLUMNS)


TABLES = list(tables())


def digest_now():
    digests = {}
    for table, columns in TABLES:
        # A row is one text, so that their order is one too.
        rows = sorted(map(repr, database.execute(f"SELECT {columns} FROM {table}")))
        digests[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return digests


known = (None, None)


def digest():
    """The digest of each table. It is made anew only after a commit of another connection."""
    global known
    version = database.execute("PRAGMA data_version").fetchone()[0]
    if known[0] != version:
        known = (version, digest_now())
    return known[1]


def likely(part):
    """Puts names into a part of a request that the service knows, in every second request."""
    if not isinstance(part, dict):
        return
    for name, values in LIKELY.items():
        if isinstance(part.get(name), type(values[0])) and not isinstance(part[name], bool) and chance.random() < 0.5:
            part[name] = chance.choice(values)


def soon(body):
    """Lets a call wait for a second at most, where it would wait."""
    if isinstance(body, dict) and "wait_seconds" in body:
        try:
            waits = 1 < float(body["wait_seconds"]) <= 50
        except (TypeError, ValueError):
            waits = False
        if waits:
            body["wait_seconds"] = 1


@schemathesis.hook
def before_call(context, case, kwargs):
    global before
    # What is meant to be wrong stays so.
    if case.meta and case.meta.generation.mode.is_positive:
        if case.path_parameters and "owner" in case.path_parameters:
            case.path_parameters.update(owner="acme", repo="harbour")
        for part in (case.path_parameters, case.query, case.body):
            likely(part)
    soon(case.body)
    before = digest()


@schemathesis.check
def refusal_changes_nothing(ctx, response, case):
    global compared
    if 400 <= response.status_code < 500:
        compared += 1
        after = digest()
        changed = [table for table, now in after.items() if before[table] != now]
        assert not changed, f"{response.status_code}, and yet changed: {', '.join(changed)}"


atexit.register(lambda: print(f"compared the tables around {compared} refusals"))
