"""The key in Secrets Manager, read when it is first needed and kept."""

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

from incidents.coralogix.http.key import Key
from incidents.errors import (
    CredentialsError,
    IncidentsError,
    SettingsError,
    SourceUnavailableError,
)

_MEND = {
    # Also what a secret without a value answers, as the template makes it.
    "ResourceNotFoundException": "There is no such secret, or no key in it yet: "
    "put the key in, or check the ARN and region.",
    "AccessDeniedException": "Allow secretsmanager:GetSecretValue on it.",
    "DecryptionFailure": "Allow kms:Decrypt on the key that encrypts it.",
    "InvalidRequestException": "It may be marked for deletion: restore it.",
    "ValidationException": "Check the ARN.",
    "InvalidParameterException": "Check the ARN.",
}
"""What to do, by the code of the error."""
_EXPIRED = frozenset(
    {
        "ExpiredTokenException",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "InvalidClientTokenId",
    }
)


class Secret:
    """One secret. Nothing is read before `key` is called."""

    def __init__(self, name: str, *, region: str = "") -> None:
        """Take the ARN or *name* of the secret; no *region* is what boto3 finds."""
        self._name = name
        self._region = region or None
        self._key: Key | None = None

    def key(self, *, renew: bool = False) -> Key:
        """
        Return the key, as it was read last; read it anew to *renew* it.

        The secret is the key as it stands, or JSON with the key as `api_key`.

        Raises:
            SettingsError: If it cannot be read as things are set up, or is no key.
            CredentialsError: If there are no credentials to read it with.
            SourceUnavailableError: If Secrets Manager does not answer.
        """
        if self._key is None or renew:
            self._key = Key.from_secret(self._read())
        return self._key

    def _read(self) -> str:
        try:
            client = boto3.client(
                "secretsmanager",
                region_name=self._region,
                config=Config(
                    connect_timeout=3,
                    read_timeout=5,
                    retries={"mode": "standard", "total_max_attempts": 3},
                ),
            )
            text = client.get_secret_value(SecretId=self._name).get("SecretString")
        except (BotoCoreError, ClientError) as exc:
            raise _translated(exc) from exc
        if text is None:
            raise SettingsError("The secret with the Coralogix key holds no text.")
        return text


def _translated(exc: BotoCoreError | ClientError) -> IncidentsError:
    what = "The secret with the Coralogix key cannot be read"
    if isinstance(exc, NoRegionError):
        return SettingsError(f"{what}: no AWS region is set. Set AWS_REGION.")
    if isinstance(exc, NoCredentialsError | PartialCredentialsError):
        return CredentialsError(f"{what}: there are no AWS credentials. Sign in.")
    if isinstance(exc, BotoCoreError):
        return SourceUnavailableError(
            f"{what}: Secrets Manager does not answer. It is tried again later."
        )
    code = exc.response.get("Error", {}).get("Code", "")
    if code in _EXPIRED:
        return CredentialsError(f"{what}: the AWS credentials are over. Sign in again.")
    if code in _MEND:
        return SettingsError(f"{what} ({code}). {_MEND[code]}")
    return SourceUnavailableError(f"{what} just now ({code}). It is tried again later.")
