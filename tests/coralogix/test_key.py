"""The key stands in a secret as itself or in JSON, and never shows in an error."""

import traceback

import pytest

from incidents.coralogix.http.key import Key
from incidents.errors import SettingsError

KEY = "cxtp_EXAMPLE0Secret0Key"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f" {KEY}\n",
        f'"{KEY}"\n',
        f'{{"api_key": "{KEY}"}}',
        f' {{"api_key":"{KEY} "}}\n',
    ],
)
def test_the_key_stands_alone_or_in_json(text: str) -> None:
    assert Key.from_secret(text).header == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "two words",
        f'"{KEY}',
        '""',
        "{",
        "{}",
        '{"api_key": 1}',
        f'{{"key": "{KEY}"}}',
        "{" * 9,
    ],
)
def test_what_is_no_key_is_a_setting_to_mend(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Key.from_secret(text)

    assert KEY not in "".join(traceback.format_exception(caught.value))
