import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tray_app.present.safe_text import cut, lines, one_line

ANY_TEXT = st.text(st.characters(), max_size=80)  # lone surrogates too
HIDDEN = "\u200b\u200e\u202a\u202e\u2066\u2069\ufeff\u00ad\x00\x1b\x9b\ue000\U000e0041"


@given(ANY_TEXT)
def test_one_line_is_one_line_of_what_is_seen(text: str) -> None:
    shown = one_line(text)

    assert not {unicodedata.category(letter) for letter in shown} & {
        "Cc",
        "Cf",
        "Co",
        "Cs",
    }
    assert shown == shown.strip()
    assert len(shown.splitlines()) <= 1
    shown.encode()  # can be sent


@given(ANY_TEXT)
def test_making_text_safe_twice_is_making_it_safe_once(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert lines(lines(text)) == lines(text)


@given(ANY_TEXT)
def test_lines_keep_line_feeds_and_nothing_else_that_breaks(text: str) -> None:
    shown = lines(text) + "."

    assert shown.splitlines() == shown.split("\n")


@given(ANY_TEXT, st.integers(min_value=1, max_value=90))
def test_a_cut_is_as_long_as_it_may_be_and_no_pair_is_split(
    text: str, longest: int
) -> None:
    shown = one_line(text, longest=longest)

    assert len(shown.encode("utf-16-le")) // 2 <= longest
    whole = one_line(text)
    assert shown == whole or whole.startswith(shown.removesuffix("…"))


def test_what_is_plain_stays_as_it_is() -> None:
    text = "Critical: disk full · 5 m · naïve 日本 \N{FIRE} & <b>"

    assert one_line(text) == text
    assert cut(text, None) == text


def test_what_hides_or_turns_text_round_is_gone() -> None:
    assert one_line(f"a{HIDDEN}b\tc\u2028d\r\ne") == "ab c d e"
    assert lines("a\r\nb\u2028c") == "a\nb c"
