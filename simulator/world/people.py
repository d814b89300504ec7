"""The users of the simulated account, and their API keys."""

import random
from dataclasses import dataclass, field
from uuid import UUID

TEAM_KEY = "cxtp_simulated_team_key"
"""May read and close; acknowledging and assigning need a personal key
(coralogix.md §7)."""

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
    """A user, with every name that Coralogix has for them."""

    uid: str
    """The product's own name for them: in the registry and in the feed's id."""
    email: str
    uuid: str
    name: str
    key: str = field(repr=False)
    """The personal API key."""
    id: str
    """The user id in assignments: the e-mail address, or the UUID."""

    def to_json(self) -> dict[str, str]:
        """Return uid, email, uuid and key."""
        return {
            "uid": self.uid,
            "email": self.email,
            "uuid": self.uuid,
            "key": self.key,
        }


def create_people(
    count: int, rng: random.Random, uuid_share: float = 0.0
) -> list[Person]:
    """Create *count* users with unique names; a share *uuid_share* has a UUID as id."""
    people = []
    for number in range(count):
        first = _FIRST[number % len(_FIRST)]
        last = _LAST[(number * 7 + number // len(_FIRST)) % len(_LAST)]
        round_number = number // (len(_FIRST) * len(_LAST))
        uid = f"{first}.{last}{round_number + 1 if round_number else ''}"
        uuid = str(UUID(int=rng.getrandbits(128), version=4))
        email = f"{uid}@example.com"
        people.append(
            Person(
                uid=uid,
                email=email,
                uuid=uuid,
                name=f"{first} {last}".title(),
                key=f"cxup_simulated_{number:04}_{uuid[:8]}",
                id=uuid if rng.random() < uuid_share else email,
            )
        )
    return people
