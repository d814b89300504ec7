"""A key has an age: it is read again in time, and when it is refused."""

from collections.abc import Iterator

import pytest

from incidents.coralogix.http.regions import Address
from incidents.errors import PermissionMissingError
from incidents.ports import Listing
from lambda_fn.deadline import Deadline
from lambda_fn.secret import Secret
from lambda_fn.source import KEY_AGE, KeyedSource
from tests.coralogix.servers import LISTED, Answer, Server, ok, serving
from tests.lambda_fn.secrets_api import SecretsApi, secrets_api


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsApi]:
    with secrets_api() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", running.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        running.text = "first"
        yield running


def sync(source: KeyedSource) -> Listing:
    source.begin()
    return source.list_open(None)


def used(server: Server) -> list[str]:
    return [headers["Authorization"] for _, _, headers in server.asked]


def test_a_key_that_may_not_is_read_again_and_the_good_one_is_used(
    api: SecretsApi,
) -> None:
    answers = iter([Answer(403), Answer(403), ok(LISTED)])
    with serving(lambda _: next(answers)) as server:
        source = KeyedSource(Address(server.origin), Secret("arn:key"), Deadline())
        with pytest.raises(PermissionMissingError):
            sync(source)
        api.text = "second"

        assert sync(source).complete
        source.close()

    assert used(server) == ["Bearer first", "Bearer first", "Bearer second"]


def test_a_key_is_read_again_when_it_is_old_and_only_then(api: SecretsApi) -> None:
    clock = Clock()
    with serving(lambda _: ok(LISTED)) as server:
        source = KeyedSource(Address(server.origin), Secret("arn:key"), Deadline(clock))
        sync(source)
        api.text = "second"
        clock.now += KEY_AGE - 1
        sync(source)
        clock.now += 1
        sync(source)
        sync(source)
        source.close()

    assert used(server) == ["Bearer first"] * 2 + ["Bearer second"] * 2
    assert len(api.asked) == 2


def test_a_secret_that_cannot_be_read_just_now_leaves_the_key_in_use(
    api: SecretsApi,
) -> None:
    clock = Clock()
    with serving(lambda _: ok(LISTED)) as server:
        source = KeyedSource(Address(server.origin), Secret("arn:key"), Deadline(clock))
        sync(source)
        api.code = "AccessDeniedException"
        clock.now += KEY_AGE

        assert sync(source).complete
        source.close()

    assert used(server) == ["Bearer first"] * 2
