"""The ways in which the protocol is broken on purpose."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from tests.mutants.operators import (
    Condition,
    DropArgument,
    DropOperand,
    DropStatement,
    Expression,
    Handle,
    Insert,
    Keyword,
    NoneOf,
    Operator,
    Return,
)

CORE = "core"
SIMULATION = "simulation"
MODEL = "model"
STORES = "stores"
_CORE = (SIMULATION, CORE, MODEL)


@dataclass(frozen=True, slots=True)
class Edit:
    """One function of one file, and how it is broken."""

    path: str
    function: str
    """`name` or `Class.name`."""
    operator: Operator


@dataclass(frozen=True, slots=True)
class Mutant:
    """A breakage, and the suites that are asked to see it."""

    name: str
    edits: Sequence[Edit]
    suites: Sequence[str] = _CORE


def _mutant(
    name: str,
    path: str,
    function: str,
    operator: Operator,
    suites: Sequence[str] = _CORE,
) -> Mutant:
    return Mutant(name=name, edits=(Edit(path, function, operator),), suites=suites)


_SYNC = "incidents/sync/run.py"
_PLAN = "incidents/sync/plan.py"
_FOLLOW = "incidents/follow.py"
_DISAPPEARANCES = "incidents/sync/disappearances.py"
_PUBLISH = "incidents/sync/publish.py"
_DIFF = "incidents/diff.py"
_AUDIENCE = "incidents/sync/audience.py"
_TABLE = "tests/simulation/table.py"
_READER = "tests/simulation/reader.py"
_FENCE = "incidents/stores/fence.py"

WRITER = (
    _mutant(
        "the start of a write is not recorded",
        _SYNC,
        "Sync._run",
        Expression(ast.Call, "begin_write", "PreviousWriter()"),
    ),
    _mutant(
        "a writer that did not finish raises no doubt",
        "incidents/feeds.py",
        "PreviousWriter.of",
        Keyword("finished", "True"),
    ),
    _mutant(
        "doubt does not compare the heads",
        _SYNC,
        "Sync._run",
        Expression(ast.BoolOp, "doubt_until", "False"),
    ),
    _mutant(
        "the digest is written first",
        _SYNC,
        "Sync._reconcile",
        Insert("$p0.store.write_status($p3)", before="publish"),
    ),
    _mutant(
        "losing the status leaves the winner's digest",
        _SYNC,
        "Sync._say",
        DropStatement("clear_digest"),
    ),
    _mutant(
        "the cache is trusted although another process wrote",
        _SYNC,
        "Sync._run",
        DropStatement("clear"),
    ),
    _mutant(
        "an incomplete sync leaves its digest",
        _SYNC,
        "Sync._reconcile",
        Condition("digest", "$last"),
    ),
    _mutant(
        "a contradictory source counts as settled",
        _SYNC,
        "Sync._reconcile",
        DropOperand("has"),
    ),
    _mutant(
        "a sync that was overtaken leaves its digest",
        _SYNC,
        "Sync._reconcile",
        DropOperand("superseded"),
    ),
    _mutant(
        "heads are never compared again",
        _SYNC,
        "Sync._run",
        Expression(ast.BoolOp, "AUDIT_EVERY", "False"),
    ),
    _mutant(
        "the registry is not part of the digest",
        _SYNC,
        "Sync._reported",
        DropArgument("digest", "registry"),
    ),
    _mutant(
        "an older read overwrites a newer one",
        _PLAN,
        "SyncContext.superseded",
        Return("False", "timedelta"),
    ),
    _mutant(
        "an incomplete listing is trusted",
        _PLAN,
        "SyncContext.gone",
        DropStatement("complete"),
    ),
    _mutant(
        "an incomplete listing makes a baseline",
        _PLAN,
        "steps",
        Expression(ast.Attribute, "complete", "True", occurrence=0),
    ),
    _mutant(
        "half a commit carries the digest of the whole",
        _PLAN,
        "_baseline",
        Keyword("digest", "$body"),
    ),
    _mutant(
        "rows of a stale baseline stay",
        _PLAN,
        "_baseline",
        NoneOf("incidents"),
    ),
    _mutant(
        "a recreated feed keeps its epoch",
        _PLAN,
        "_baseline",
        Expression(ast.Attribute, "sync", "'epoch'", keyword="epoch"),
    ),
    _mutant(
        "an incident that left is not deleted from the state",
        _PLAN,
        "_continuation",
        Keyword("deletes", "()"),
    ),
    _mutant(
        "sequences count commits",
        _PLAN,
        "_continuation",
        Expression(ast.Attribute, "seq", "$of.rev", keyword="seq"),
    ),
    Mutant(
        "time is the key instead of a sequence",
        (
            Edit(
                _PLAN,
                "_continuation",
                Expression(
                    ast.Attribute,
                    "seq",
                    "max($it, $p4.observed_at.hour * 60)",
                    keyword="seq",
                ),
            ),
            Edit(_FOLLOW, "_run", DropOperand("seq")),
        ),
    ),
    _mutant(
        "a short-lived incident is reported again while listed",
        _PLAN,
        "_brief",
        DropOperand("watermark"),
    ),
    _mutant(
        "an end during a read is not reflected",
        _PLAN,
        "_reflected",
        Return("$p1.observed_at"),
        (CORE,),
    ),
    _mutant(
        "a lost race is not compared again",
        _PUBLISH,
        "_bring",
        Handle("ConflictError", "return $p2"),
    ),
    _mutant(
        "the first sequence of a day is never recorded",
        _PLAN,
        "_continuation",
        DropArgument("replace", "marks"),
    ),
)

SOURCE = (
    _mutant(
        "absence counts as an end, without a lookup",
        _DISAPPEARANCES,
        "_look_up",
        Return("Lookup(incidents={}, missing=frozenset($p1), calls=0)", "look_up"),
    ),
    _mutant(
        "a failed lookup counts as an end",
        _DISAPPEARANCES,
        "_look_up",
        Keyword("missing", "frozenset($p1)"),
    ),
    _mutant(
        "the flood guard is off", _DISAPPEARANCES, "_is_flood", Return("False"), (CORE,)
    ),
    _mutant(
        "a quarantined row counts as absent",
        _DISAPPEARANCES,
        "confirm",
        Expression(ast.SetComp, "quarantined", "set()", occurrence=0),
        (CORE,),
    ),
    _mutant(
        "silence removes",
        _DIFF,
        "diff",
        Insert("$p2 = {**dict.fromkeys($p0), **$p2}"),
    ),
    _mutant(
        "replaying keeps what left a feed",
        _DIFF,
        "replay",
        DropOperand("left"),
    ),
    _mutant(
        "people are matched case-sensitively",
        _AUDIENCE,
        "Audience.split",
        Expression(ast.Call, "lower", "$of", occurrence=1),
    ),
)

READER = (
    _mutant(
        "contiguity is not checked",
        _FOLLOW,
        "_run",
        DropOperand("seq"),
    ),
    _mutant(
        "a temporary gap counts as a loss at once",
        _FOLLOW,
        "_stuck",
        Condition("PATIENCE", "True"),
    ),
    _mutant(
        "a gap is not read again strongly",
        _FOLLOW,
        "follow",
        Condition("strong"),
        (CORE,),
    ),
    _mutant(
        "the oldest sequence is ignored",
        _FOLLOW,
        "_verdict",
        Return("None", "EXPIRED"),
    ),
    _mutant(
        "the epoch of a row is ignored",
        _FOLLOW,
        "_run",
        DropOperand("epoch"),
    ),
    _mutant(
        "the epoch of the head is ignored",
        _FOLLOW,
        "_verdict",
        DropOperand("epoch"),
    ),
    _mutant(
        "expired rows are delivered", _FOLLOW, "_run", Condition("expired"), (CORE,)
    ),
    _mutant(
        "an incomplete baseline is shown",
        _FOLLOW,
        "_resync",
        DropOperand("ready"),
    ),
    _mutant(
        "the cursor is saved before the changes it passes",
        _READER,
        "Reader._accept",
        Insert(
            "$p0.disk.positions[$p1] = $p2.position\n$p0.crash_here()", before="replay"
        ),
        (SIMULATION,),
    ),
    _mutant(
        "a shown notification is not recorded",
        _READER,
        "Reader._show",
        DropStatement("pending"),
        (SIMULATION,),
    ),
    _mutant(
        "a change is shown without being stored first",
        _READER,
        "Reader._accept",
        DropStatement("pending"),
        (SIMULATION,),
    ),
)

STORE = (
    _mutant(
        "the condition is dropped (double)",
        _TABLE,
        "Table.apply",
        Condition("ConflictError"),
        (SIMULATION,),
    ),
    _mutant(
        "the status is written whoever wrote last (double)",
        _TABLE,
        "Table.write_status",
        Condition("ConflictError"),
        (SIMULATION,),
    ),
    _mutant(
        "the condition is dropped (SQLite)",
        _FENCE,
        "stands",
        Return("True", "rev"),
        (STORES,),
    ),
    _mutant(
        "the condition is dropped (DynamoDB)",
        "incidents/stores/dynamodb/transaction.py",
        "_fenced",
        Expression(
            ast.Constant,
            "AND",
            "'rev <> :rev OR epoch <> :epoch OR attribute_exists(pk)'",
        ),
        (STORES,),
    ),
    _mutant(
        "a lost answer counts as a lost race",
        _FENCE,
        "is_taken",
        Return("False"),
        (STORES,),
    ),
)

MUTANTS: Sequence[Mutant] = (*WRITER, *SOURCE, *READER, *STORE)
