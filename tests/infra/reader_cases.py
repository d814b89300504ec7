"""What a reader may ask of the table, and what must come of it."""

from tests.infra.iam import ALLOWED, DENIED, TABLE, TAGS, Case
from tests.infra.resolve import ACCOUNT, REGION


def case(name: str, *keys: str, allowed: bool = DENIED, **tags: str) -> Case:
    return Case(name=name, allowed=allowed, keys=keys, tags=tags or TAGS)


CASES = (
    case("own feed", "USER#alice", allowed=ALLOWED),
    case("own team", "TEAM#ops", allowed=ALLOWED),
    case("how the sync fares", "SYNC", allowed=ALLOWED),
    case("own feed, without a team", "USER#alice", allowed=ALLOWED, uid="alice"),
    case("how it fares, without a team", "SYNC", allowed=ALLOWED, uid="alice"),
    case("a mail address as uid", "USER#a@b.c", allowed=ALLOWED, uid="a@b.c"),
    case("another user", "USER#bob"),
    case("a user whose uid begins as one's own", "USER#alice2"),
    case("a user whose uid one's own begins with", "USER#alic"),
    case("the same uid in capitals", "USER#ALICE"),
    case("another team", "TEAM#dev"),
    case("a team whose name begins as one's own", "TEAM#ops2"),
    case("one's uid as a team", "TEAM#alice"),
    case("one's team as a user", "USER#ops"),
    case("the registry", "REGISTRY"),
    case("the uid alone", "alice"),
    case("own feed and another's", "USER#alice", "USER#bob"),
    case("own team and another", "TEAM#ops", "TEAM#dev"),
    case("own feed, without a uid", "USER#alice", team="ops"),
    case("a feed of nobody, without a uid", "USER#", team="ops"),
    case("how it fares, without a uid", "SYNC", team="ops"),
    case("own team, without a team", "TEAM#ops", uid="alice"),
    case("a feed of no team, without a team", "TEAM#", uid="alice"),
    case("everybody's, by a uid that is a pattern", "USER#bob", uid="*", team="ops"),
    case("a team, by a tag that is a pattern", "TEAM#dev", uid="alice", team="*"),
    case("a team, by a tag of question marks", "TEAM#dev", uid="alice", team="???"),
    case("the feed of the empty uid", "USER#", uid="", team="ops"),
    case("another user, by an empty uid", "USER#bob", uid="", team="ops"),
    case("how it fares, by an empty uid", "SYNC", uid="", team="ops"),
    case("the feed of the empty team", "TEAM#", uid="alice", team=""),
    case("a uid that is a variable", "USER#bob", uid="${aws:username}", team="ops"),
    Case(name="no leading key at all", keys=None),
    Case(name="no leading key, no tags", keys=None, tags={"other": "x"}),
    Case(name="scan", actions=("dynamodb:Scan",), keys=None),
    Case(
        name="scan that claims a key", actions=("dynamodb:Scan",), keys=["USER#alice"]
    ),
    Case(
        name="batches, even of one's own",
        actions=("dynamodb:BatchGetItem",),
        keys=["USER#alice"],
    ),
    Case(
        name="PartiQL, even on one's own",
        actions=("dynamodb:PartiQLSelect",),
        keys=["USER#alice"],
    ),
    Case(
        name="an index",
        actions=("dynamodb:Query",),
        keys=["USER#alice"],
        resource=f"{TABLE}/index/any",
    ),
    Case(
        name="another table",
        keys=["USER#alice"],
        resource=f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/other",
    ),
    Case(
        name="a table whose name begins as ours",
        keys=["USER#alice"],
        resource=f"{TABLE}2",
    ),
    Case(
        name="the stream",
        actions=("dynamodb:GetRecords", "dynamodb:GetShardIterator"),
        keys=None,
        resource=f"{TABLE}/stream/2026-01-01T00:00:00.000",
    ),
    Case(
        name="writing, even to one's own",
        actions=(
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLUpdate",
            "dynamodb:PartiQLDelete",
        ),
        keys=["USER#alice"],
    ),
    Case(
        name="the table itself",
        actions=(
            "dynamodb:DescribeTable",
            "dynamodb:DeleteTable",
            "dynamodb:UpdateTable",
            "dynamodb:ExportTableToPointInTime",
            "dynamodb:PutResourcePolicy",
            "dynamodb:DeleteResourcePolicy",
            "dynamodb:CreateBackup",
        ),
        keys=None,
    ),
)
