"""Which feeds have something to be told, found with as few reads as can be."""

from collections.abc import Mapping, MutableMapping

from incidents.feeds import FeedId, FeedState
from incidents.fingerprint import digest
from incidents.ports import FeedWriter
from incidents.sync.plan import SyncContext


def differing(
    store: FeedWriter, states: MutableMapping[FeedId, FeedState], facts: SyncContext
) -> Mapping[FeedId, FeedState]:
    """
    Gather the state of every feed that has something to be told.

    A digest that agrees proves a whole state by its head alone; what *states*
    remembers is not read at all, and what is read is remembered there.

    Raises:
        StoreError: If the store cannot be read.
    """
    agreed = {
        feed: digest(
            incidents.values(), facts.owners[feed], fingerprints=facts.fingerprints
        )
        for feed, incidents in facts.wanted.items()
    }
    cold = [feed for feed in agreed if feed not in states]
    heads = store.heads(cold)
    for feed in cold:
        head = heads.get(feed)
        if head is None:
            states[feed] = FeedState(head=None)
        elif head.ready and not head.closed and head.digest == agreed[feed]:
            states[feed] = FeedState(head=head, incidents=facts.wanted[feed])
        else:
            states[feed] = store.state(feed)
    return {
        feed: states[feed]
        for feed, wanted in agreed.items()
        if feed in facts.brief
        or (head := states[feed].head) is None
        or not head.ready
        or head.closed
        or head.digest != wanted
    }
