"""The people of the simulated account, and their keys."""

import random
from dataclasses import dataclass, field
from uuid import UUID

TEAM_KEY = "cxtp_simulated_team_key"
"""Reads and closes; to acknowledge and assign takes a person's (coralogix.md §7)."""

# fmt: off
_FIRST = (
    "ada", "amir", "ana", "bela", "chen", "dana", "elif", "emil", "femi", "finn",
    "grace", "hana", "ines", "ivan", "jae", "kofi", "lena", "liam", "mara", "milo",
    "nadia", "noor", "omar", "otto", "priya", "ravi", "sara", "sven", "tara", "yuki",
)
_LAST = (
    "abe", "bauer", "costa", "diaz", "eriksen", "fischer", "garcia", "haddad",
    "ito", "jansen", "kim", "larsen", "mendes", "novak", "okafor", "petrov",
    "quist", "rossi", "silva", "tanaka", "usman", "vega", "weber", "yilmaz",
)
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person, with all that Coralogix may call them."""

    uid: str
    """Ours: the name in the registry and of the feed."""
    email: str
    uuid: str
    name: str
    key: str = field(repr=False)
    """Their personal key."""
    id: str
    """What stands in an assignment to them: the e-mail, for some the UUID."""

    def told(self) -> dict[str, str]:
        """Tell of them as the truth does, the key too."""
        return {
            "uid": self.uid,
            "email": self.email,
            "uuid": self.uuid,
            "key": self.key,
        }


def crowd(count: int, chance: random.Random, uuid_share: float = 0.0) -> list[Person]:
    """Invent *count* people, each name once; *uuid_share* go by their UUID."""
    people = []
    for number in range(count):
        first = _FIRST[number % len(_FIRST)]
        last = _LAST[(number * 7 + number // len(_FIRST)) % len(_LAST)]
        again = number // (len(_FIRST) * len(_LAST))
        uid = f"{first}.{last}{again + 1 if again else ''}"
        uuid = str(UUID(int=chance.getrandbits(128), version=4))
        email = f"{uid}@example.com"
        people.append(
            Person(
                uid=uid,
                email=email,
                uuid=uuid,
                name=f"{first} {last}".title(),
                key=f"cxup_simulated_{number:04}_{uuid[:8]}",
                id=uuid if chance.random() < uuid_share else email,
            )
        )
    return people
