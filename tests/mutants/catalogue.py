"""The ways in which the protocol is broken on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass

CORE = "core"
SIMULATION = "simulation"
MODEL = "model"
STORES = "stores"
_CORE = (SIMULATION, CORE, MODEL)


@dataclass(frozen=True, slots=True)
class Edit:
    """One place in one file; *old* must be there exactly once."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A breakage, and the suites that are asked to see it."""

    name: str
    edits: Sequence[Edit]
    suites: Sequence[str] = _CORE


def _one(
    name: str, path: str, old: str, new: str, suites: Sequence[str] = _CORE
) -> Mutant:
    return Mutant(name=name, edits=(Edit(path, old, new),), suites=suites)


_SYNC = "incidents/sync/run.py"
_PLAN = "incidents/sync/plan.py"
_FOLLOW = "incidents/follow.py"
_CONFIRM = "incidents/sync/disappearances.py"
_PUBLISH = "incidents/sync/publish.py"
_DIFF = "incidents/diff.py"
_SPLIT = "incidents/sync/audience.py"
_TABLE = "tests/simulation/table.py"
_READER = "tests/simulation/reader.py"

WRITER = (
    _one("the mark is skipped", _SYNC, "self.store.mark(sync) !=", '"" !='),
    _one(
        "the digest is written first",
        _SYNC,
        "        outcome = publish(",
        "        self.store.write_status(reported)\n        outcome = publish(",
    ),
    _one(
        "who loses the status leaves the winner's digest",
        _SYNC,
        "                self.store.clear_digest()\n",
        "                pass\n",
    ),
    _one(
        "what a process remembers is trusted though another wrote",
        _SYNC,
        "            self.warm.states.clear()\n        self.warm.writer",
        "            pass\n        self.warm.writer",
    ),
    _one(
        "an incomplete sync leaves its digest",
        _SYNC,
        "if not complete or not settled:",
        "if not settled:",
    ),
    _one(
        "a source that contradicts itself is taken as settled",
        _SYNC,
        " and not any(map(audience.has, fates.unlisted))",
        "",
    ),
    _one(
        "a sync that was overtaken leaves its digest",
        _SYNC,
        "settled = not outcome.superseded and",
        "settled =",
    ),
    _one(
        "heads are never compared again",
        _SYNC,
        "audit = status.audited_at is None or"
        " started - status.audited_at >= AUDIT_EVERY",
        "audit = False",
    ),
    _one(
        "who has a feed does not move the digest",
        _SYNC,
        "bad, scope, team, status.registry",
        "bad, scope, team",
    ),
    _one(
        "an older read goes over a newer one",
        _PLAN,
        "return timedelta() < ahead < timedelta(minutes=15)",
        "return False",
    ),
    _one(
        "an incomplete listing is trusted",
        _PLAN,
        "        if not self.complete:\n            return {}\n",
        "",
    ),
    _one(
        "a part of what is makes a baseline",
        _PLAN,
        "        complete = facts.complete\n",
        "        complete = True\n",
    ),
    _one(
        "half a commit carries the digest of the whole",
        _PLAN,
        '            digest=final if last else "",\n            owners=facts',
        "            digest=final,\n            owners=facts",
    ),
    _one(
        "what a stale baseline held stays",
        _PLAN,
        "id_ for id_ in state.incidents if id_ not in wanted",
        "id_ for id_ in state.incidents if not id_",
    ),
    _one(
        "a feed made anew keeps its epoch",
        _PLAN,
        "previous.epoch if previous else facts.sync",
        'previous.epoch if previous else "epoch"',
    ),
    _one(
        "what left is not deleted from the state",
        _PLAN,
        "deletes=tuple(c.incident.id for c in run if c.incident.id not in kept)",
        "deletes=()",
    ),
    _one(
        "sequences count commits",
        _PLAN,
        "seq=head.seq + len(run)",
        "seq=head.rev + len(run)",
    ),
    Mutant(
        "time is the key instead of a sequence",
        (
            Edit(
                _PLAN,
                "seq=head.seq + len(run)",
                "seq=max(head.seq, facts.observed_at.hour * 60) + len(run)",
            ),
            Edit(_FOLLOW, "if row.seq != expected or row.epoch", "if row.epoch"),
        ),
    ),
    _one(
        "what came and went is told again while it is listed",
        _PLAN,
        "if one.opened_at > head.watermark and id_ not in",
        "if id_ not in",
    ),
    _one(
        "what opened and ended beside a read is not reflected",
        _PLAN,
        "    return max(facts.observed_at, seen)",
        "    return facts.observed_at if seen else seen",
        (CORE,),
    ),
    _one(
        "a lost race is not compared anew",
        _PUBLISH,
        "progress = replace(progress, state=store.state(progress.feed))",
        "return progress",
    ),
    _one(
        "the mark of a day is never set",
        _PLAN,
        "            marks=_marked(head, run, facts),\n",
        "",
    ),
)

SOURCE = (
    _one(
        "absence is taken for an end, and nobody looks",
        _CONFIRM,
        "lookup = _look_up(source, vanished)",
        "lookup = Lookup(found={}, missing=frozenset(vanished), calls=0)",
    ),
    _one(
        "a look-up that fails is taken for an end",
        _CONFIRM,
        "return Lookup(found={}, missing=frozenset(), calls=1)",
        "return Lookup(found={}, missing=frozenset(ids), calls=1)",
    ),
    _one(
        "the flood guard is off",
        _CONFIRM,
        "return vanished > max(10, 0.3 * held)",
        "return False",
        (CORE,),
    ),
    _one(
        "a row that was not understood counts as absent",
        _CONFIRM,
        " - unread\n",
        "\n",
        (CORE,),
    ),
    _one(
        "silence removes",
        _DIFF,
        "        if id_ in gone:\n            after = gone[id_]",
        "        if id_:\n            after = gone.get(id_)",
    ),
    _one(
        "what left a feed is kept when replaying",
        _DIFF,
        "change.after.is_open and not change.left",
        "change.after.is_open",
    ),
    _one(
        "people are matched by case",
        _SPLIT,
        "members.get(assignee.lower(), ())",
        "members.get(assignee, ())",
    ),
)

READER = (
    _one(
        "contiguity is not checked",
        _FOLLOW,
        "if row.seq != expected or row.epoch",
        "if row.epoch",
    ),
    _one(
        "a phantom gap is taken for a loss at once",
        _FOLLOW,
        "if now - since >= PATIENCE:",
        "if since <= now:",
    ),
    _one(
        "a gap is not asked for strongly",
        _FOLLOW,
        "    if not run and rows:\n",
        "    if not run and not rows:\n",
        (CORE,),
    ),
    _one(
        "the oldest sequence is ignored",
        _FOLLOW,
        "        return ResyncReason.EXPIRED\n",
        "        return None\n",
    ),
    _one(
        "the epoch of a row is ignored",
        _FOLLOW,
        " or row.epoch != position.epoch",
        "",
    ),
    _one(
        "the epoch of the head is ignored",
        _FOLLOW,
        "head.epoch != position.epoch or ",
        "",
    ),
    _one(
        "rows past their time are told",
        _FOLLOW,
        "if expired(row.change.observed_at.date(), now, retention):",
        "if not row.seq:",
        (CORE,),
    ),
    _one(
        "half a baseline is shown",
        _FOLLOW,
        "state.head is None or not state.head.ready",
        "state.head is None",
    ),
    Mutant(
        "the cursor is saved before what it passes",
        (
            Edit(
                _READER,
                "        # One transaction: changes, who",
                "        disk.positions[feed] = step.position\n"
                "        self.crash_here()\n"
                "        # One transaction: changes, who",
            ),
        ),
        (SIMULATION,),
    ),
    _one(
        "what was shown is not written down",
        _READER,
        "            del self.disk.pending[key]\n",
        "",
        (SIMULATION,),
    ),
    _one(
        "a change is shown once it is known, and kept nowhere before",
        _READER,
        "disk.pending |= {(feed, row.epoch, row.seq): row for row in step.rows}",
        "pass",
        (SIMULATION,),
    ),
)

STORE = (
    _one(
        "the condition is dropped (double)",
        _TABLE,
        "        if (head and (head.epoch, head.rev)) != (",
        "        if False and (head and (head.epoch, head.rev)) != (",
        (SIMULATION,),
    ),
    _one(
        "the status is written whoever marked last (double)",
        _TABLE,
        "if self.status.writer != status.writer:",
        "if self.status.writer == status:",
        (SIMULATION,),
    ),
    _one(
        "the condition is dropped (SQLite)",
        "incidents/stores/fence.py",
        "return (found.epoch, found.rev) == (expected.epoch, expected.rev)",
        "return True",
        (STORES,),
    ),
    _one(
        "the condition is dropped (DynamoDB)",
        "incidents/stores/dynamodb/transaction.py",
        '"rev = :rev AND epoch = :epoch"',
        '"rev <> :rev OR epoch <> :epoch OR attribute_exists(pk)"',
        (STORES,),
    ),
    _one(
        "an answer that was lost is taken for a lost race",
        "incidents/stores/fence.py",
        "    return found is not None and (found.epoch",
        "    return found is None and (found.epoch",
        (STORES,),
    ),
)

MUTANTS: Sequence[Mutant] = (*WRITER, *SOURCE, *READER, *STORE)
