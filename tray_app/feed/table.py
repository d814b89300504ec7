"""The feeds in the table that the sync writes."""

from incidents.ports import FeedReader
from tray_app.settings.settings import Settings


class TableSource:
    """The feeds in DynamoDB. Implements `poller.Source`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader: FeedReader | None = None

    def refresh(self) -> None:
        """Do nothing: the sync runs elsewhere."""

    def close(self) -> None:
        """Do nothing: connections end with the process."""

    def reader(self, *, reconnect: bool) -> FeedReader:
        """Return the store; *reconnect* with credentials as they are now."""
        from incidents.stores.dynamodb.client import dynamodb_client
        from incidents.stores.dynamodb.store import DynamoDBStore

        if reconnect or self._reader is None:
            client = dynamodb_client(
                workers=2,
                region=self._settings.region or None,
                profile=self._settings.profile or None,
                endpoint=self._settings.endpoint or None,
            )
            self._reader = DynamoDBStore(client, self._settings.table, reader=True)
        return self._reader
