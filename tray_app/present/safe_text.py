"""Text from elsewhere, made fit to be shown: what is drawn is what is there."""

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})
"""
Unicode's categories of what draws nothing but changes the rest: controls; formats
(bidirectional overrides U+202A-202E and U+2066-2069, zero widths, tags); private use;
lone surrogates, which cannot even be sent.
"""
_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")


def one_line(text: str, *, longest: int | None = None) -> str:
    """Return *text* in one line without unseen characters, cut to *longest*."""
    return cut(" ".join(_seen(text, keep="").split()), longest)


def lines(text: str, *, longest: int | None = None) -> str:
    """Return *text* without unseen characters, line feeds lines, cut to *longest*."""
    lines = _seen(text.replace("\r\n", "\n"), keep="\n").split("\n")
    return cut("\n".join(" ".join(line.split()) for line in lines), longest)


def cut(text: str, longest: int | None) -> str:
    """
    Cut *text* to at most *longest* UTF-16 units, the last an ellipsis; None: whole.

    UTF-16, because that is how Windows and macOS count; never within a pair.
    """
    if longest is None or _units(text) <= longest:
        return text
    shown = text.encode("utf-16-le")[: max(longest - 1, 0) * 2]
    return shown.decode("utf-16-le", errors="ignore") + "…"


def _seen(text: str, *, keep: str) -> str:
    return "".join(
        " " if character in _BREAKS and character not in keep else character
        for character in text
        if character in _BREAKS or unicodedata.category(character) not in _UNSEEN
    )


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2
