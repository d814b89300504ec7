"""Read a body no further than a cap, compressed or not."""

import zlib
from collections.abc import Iterable, Iterator

from incidents.errors import SourceGarbledError

ACCEPTED = "gzip"
"""The one compression we ask for, and so the only one we undo."""
_GZIP = 31


class OversizeError(SourceGarbledError):
    """The answer is larger than the cap. What came so far has been let go."""


def read(chunks: Iterable[bytes], *, encoding: str, cap: int) -> bytes:
    """
    Join *chunks*, unpacked, up to *cap* bytes.

    A small body that unpacks to a huge one stops at the cap, whatever the size
    of the chunk: it is never unpacked further.

    Raises:
        OversizeError: If there is more.
        SourceGarbledError: If it is compressed in another way, or wrongly.
    """
    plain = _plain(chunks, encoding.strip().lower(), cap)
    body = bytearray()
    for chunk in plain:
        body += chunk
        if len(body) > cap:
            raise OversizeError(
                f"The answer of Coralogix is larger than {cap:,} bytes and was not"
                " read. Ask for smaller pages, or raise the cap."
            )
    return bytes(body)


def _plain(chunks: Iterable[bytes], encoding: str, cap: int) -> Iterator[bytes]:
    if encoding in ("", "identity"):
        yield from chunks
    elif encoding in ("gzip", "x-gzip"):
        yield from _gunzipped(chunks, cap)
    else:
        raise SourceGarbledError(
            "The answer of Coralogix is compressed in a way that was not asked for."
        )


def _gunzipped(chunks: Iterable[bytes], cap: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_GZIP)
    for chunk in chunks:
        try:
            # One byte over the cap is enough for the caller to see it.
            yield unpacker.decompress(chunk, cap + 1)
        except zlib.error as exc:
            raise SourceGarbledError(
                "The answer of Coralogix is compressed wrongly."
            ) from exc
    if not unpacker.eof:
        raise SourceGarbledError("The answer of Coralogix ends too early.")
