"""Incidents and snapshots, any of them."""

from hypothesis import strategies as st

from incidents.models import Incident
from tests.core.builders import ALICE, BOB, LONG_AGO, NOW, by_id, incident


def some_incidents(status: st.SearchStrategy[str]) -> st.SearchStrategy[Incident]:
    """Incidents with few ids, so that they meet."""
    return st.builds(
        incident,
        st.sampled_from("abcdef"),
        status=status,
        severity=st.sampled_from(["critical", "warning", "no_data"]),
        muted=st.booleans(),
        assignees=st.sampled_from([(), (ALICE,), (ALICE, BOB)]),
        updated_at=st.sampled_from([LONG_AGO, NOW]),
    )


OPEN = some_incidents(st.sampled_from(["triggered", "acknowledged", "no_data"]))
HELD = st.lists(OPEN, max_size=6).map(lambda many: by_id(*many))
