"""The key in Secrets Manager: how it is spelled, kept, and what goes wrong."""

from collections.abc import Iterator

import pytest

from incidents.errors import (
    CredentialsError,
    IncidentsError,
    SettingsError,
    SourceUnavailableError,
)
from lambda_fn.secret import Secret
from tests.lambda_fn.secrets_api import SecretsApi, secrets_api

KEY = "cxtp_EXAMPLE0Secret0Key"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsApi]:
    with secrets_api() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", running.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        yield running


def test_the_secret_is_read_once_and_anew_only_on_demand(api: SecretsApi) -> None:
    secret = Secret("arn:key")
    api.text = KEY
    assert api.asked == []

    first = secret.key()
    api.text = f"{KEY}2"

    assert secret.key() is first
    assert api.asked == ["arn:key"]
    assert secret.key(renew=True).header == f"Bearer {KEY}2"
    assert len(api.asked) == 2


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ("ResourceNotFoundException", SettingsError, "There is no such secret"),
        ("AccessDeniedException", SettingsError, "Allow secretsmanager:GetSecretValue"),
        ("DecryptionFailure", SettingsError, "Allow kms:Decrypt"),
        ("ExpiredTokenException", CredentialsError, "Sign in again"),
        ("InternalServiceError", SourceUnavailableError, "It is tried again later"),
    ],
)
def test_a_secret_that_cannot_be_read_says_what_to_do(
    api: SecretsApi, code: str, kind: type[IncidentsError], text: str
) -> None:
    api.code = code

    with pytest.raises(kind, match=text) as caught:
        Secret("arn:key").key()

    assert "\n" not in str(caught.value)


def test_a_secret_without_text_is_a_setting_to_mend(api: SecretsApi) -> None:
    api.text = None

    with pytest.raises(SettingsError, match="holds no text"):
        Secret("arn:key").key()


def test_no_credentials_and_no_network_are_told_apart(
    api: SecretsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")

    with pytest.raises(SourceUnavailableError, match="does not answer"):
        Secret("arn:key").key()
    assert api.asked == []
