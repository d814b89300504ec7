"""The tables of the feeds: a row a feed, a change, an open incident, a user."""

from incidents.feeds import SCHEMA
from incidents.stores.sqlite.file import Schema

FEEDS = Schema(
    version=SCHEMA,
    tables="""
CREATE TABLE IF NOT EXISTS heads (
    feed TEXT PRIMARY KEY, head TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changes (
    feed TEXT, seq INTEGER, epoch TEXT NOT NULL, ends INTEGER NOT NULL,
    change BLOB NOT NULL, PRIMARY KEY (feed, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_end ON changes (ends);
CREATE TABLE IF NOT EXISTS states (
    feed TEXT, id TEXT, incident BLOB NOT NULL, PRIMARY KEY (feed, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sync (
    one INTEGER PRIMARY KEY CHECK (one = 1), status TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS users (
    uid TEXT PRIMARY KEY, user TEXT NOT NULL
) WITHOUT ROWID;
""",
)
