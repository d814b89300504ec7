"""The only module that knows boto3: the client, and what its errors mean."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    InvalidRegionError,
    LoginError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
    WaiterError,
)
from botocore.exceptions import (
    ConnectionError as AwsConnectionError,
)
from botocore.parsers import ResponseParserError

from incidents.errors import (
    AccessDeniedError,
    CredentialsError,
    IncidentsError,
    SettingsError,
    StoreBusyError,
    StoreError,
    StoreMissingError,
    StoreUnavailableError,
)
from incidents.stores.dynamodb.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ResponseMetadataTypeDef

_TRIES = 4
_CONNECT = 3.0
_READ = 8.0
"""Seconds. A request of ours is small; what takes longer has been lost."""

_SIGN_IN = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "ExpiredToken",
        "ExpiredTokenException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    }
)
_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "NotAuthorized", "OptInRequired"}
)
_CONTENDED = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    }
)
"""Not done, and worth another try at once; botocore does not make it."""
_BUSY = frozenset(
    {
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "TransactionInProgressException",
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
    }
)
"""What botocore has tried again already, in vain."""


class ContendedError(StoreBusyError):
    """Not done: other requests were at the same items, or too many at the table."""


class ConditionFailedError(StoreError):
    """Not done: a condition did not hold. Never leaves the stores."""

    def __init__(self, message: str, *, item: Item | None) -> None:
        super().__init__(message)
        self.item = item
        """The item as it is, where DynamoDB returned it; None if there is none."""


def dynamodb_client(
    *,
    workers: int = 8,
    region: str | None = None,
    profile: str | None = None,
    endpoint: str | None = None,
) -> "DynamoDBClient":
    """
    Make a client for *workers* threads. What is None, boto3 finds where it does.

    Raises:
        SettingsError: If there is no region, or no such profile.
    """
    config = Config(
        connect_timeout=_CONNECT,
        read_timeout=_READ,
        max_pool_connections=max(workers, 10),
        retries={"mode": "standard", "total_max_attempts": _TRIES},
        tcp_keepalive=True,
        # Our requests are typed and tested; checking each again costs a tenth.
        parameter_validation=False,
    )
    with translated(""):
        # A new session costs 40 ms that the shared one does not.
        make = boto3.Session(profile_name=profile).client if profile else boto3.client
        try:
            return make(
                "dynamodb", region_name=region, endpoint_url=endpoint, config=config
            )
        except InvalidRegionError:
            raise
        except ValueError as error:
            raise SettingsError(
                "The endpoint is not an address: give one like http://127.0.0.1:8000."
            ) from error


@contextmanager
def translated(table: str) -> Iterator[None]:
    """Convert whatever boto3 raises about *table* into an error of ours."""
    try:
        yield
    except ClientError as error:
        raise _refused(error, table) from error
    except BotoCoreError as error:
        raise _failed(error) from error
    except ResponseParserError as error:
        raise _impostor() from error


def check_genuine(metadata: "ResponseMetadataTypeDef") -> None:
    """Refuse a proxy's page of HTML, which botocore reads as an empty answer."""
    if "x-amz-json" not in metadata["HTTPHeaders"].get("content-type", ""):
        raise _impostor()


def _impostor() -> StoreUnavailableError:
    return StoreUnavailableError(
        "What answers is not DynamoDB: check the endpoint and the proxy."
    )


def _refused(error: ClientError, table: str) -> IncidentsError:  # noqa: PLR0911  # one line for each thing to do
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code == "TransactionCanceledException":
        return _cancelled(error)
    if code == "ConditionalCheckFailedException":
        return _unmet(error.response.get("Item"))
    if code in _CONTENDED:
        return ContendedError("DynamoDB is busy with the same items; trying later.")
    if code == "ResourceNotFoundException":
        return StoreMissingError(
            f"There is no table {table} in this account and region: fix its name, or "
            "create it (incident-tray admin table create)."
        )
    if code in _DENIED:
        return AccessDeniedError(
            f"These AWS credentials may not use the table {table}: sign in as "
            "somebody who may, or fix the policy or its principal tag."
        )
    if code in _SIGN_IN:
        return CredentialsError(
            "AWS does not accept these credentials, or they have expired: sign in "
            "again (aws sso login)."
        )
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _BUSY or status >= 500:  # noqa: PLR2004  # HTTP: the server's fault
        return StoreBusyError(f"DynamoDB is not available now ({code}).")
    return StoreError(f"DynamoDB refused the request ({code}). This is a bug of ours.")


def _cancelled(error: ClientError) -> StoreError:
    reasons = error.response.get("CancellationReasons", [])
    for reason in reasons:
        if reason.get("Code") == "ConditionalCheckFailed":
            return _unmet(reason.get("Item"))
    codes = {str(reason.get("Code")) for reason in reasons} - {"None"}
    if codes and codes <= _CONTENDED:
        return ContendedError("DynamoDB is busy with the same items; trying later.")
    return StoreError(f"DynamoDB refused the commit ({', '.join(sorted(codes))}).")


def _unmet(item: object) -> ConditionFailedError:
    # botocore types the answers of refusals loosely; the model says it is an item.
    current = cast("Item | None", item) or None
    return ConditionFailedError("The condition does not hold.", item=current)


def _failed(error: BotoCoreError) -> IncidentsError:
    match error:
        case NoRegionError():
            return SettingsError("No region: set AWS_DEFAULT_REGION or --region.")
        case ProfileNotFound():
            return SettingsError("No such AWS profile: fix --profile or AWS_PROFILE.")
        case (
            NoCredentialsError()
            | PartialCredentialsError()
            | CredentialRetrievalError()
            | TokenRetrievalError()
            | SSOError()
            | LoginError()
        ):
            return CredentialsError(
                "There are no AWS credentials, or they have expired: sign in "
                "(aws sso login) or set AWS_PROFILE."
            )
        case InvalidRegionError():
            return SettingsError("No such region: fix AWS_DEFAULT_REGION or --region.")
        case HTTPClientError() | AwsConnectionError() | WaiterError():
            return StoreUnavailableError(
                "DynamoDB cannot be reached: check the network, the region and the "
                f"endpoint ({type(error).__name__})."
            )
        case _:
            return StoreError(
                f"AWS cannot be used: check its settings ({type(error).__name__})."
            )


def already_there(create: Callable[[], None]) -> bool:
    """Try to *create* a table; True if one of that name exists already."""
    try:
        create()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceInUseException":
            return True
        raise
    return False
