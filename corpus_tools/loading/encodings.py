"""Detects the encoding of Arabic texts from their bytes."""

from __future__ import annotations

import re

from corpus_tools.loading.records import Unreadable


def decode_text(raw: bytes) -> tuple[str, str]:
    """The text of some bytes and its encoding: UTF-8, UTF-16 or windows-1256.

    A byte-order mark decides. Otherwise UTF-16 is chosen if every other byte is that of Arabic or
    ASCII, then UTF-8 if all bytes are valid, then windows-1256 if that gives Arabic letters.

    Raises:
        Unreadable: The bytes are in none of these encodings.

    >>> decode_text("أمن".encode("windows-1256"))
    ('أمن', 'windows-1256')
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return _decode_strictly(raw, name), name
    if wide := _guess_utf16(raw):
        return _decode_strictly(raw, wide), wide
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        loose = raw.decode("utf-8", "replace")
        beyond = sum(ord(c) > 127 for c in loose[:20_000])
        # UTF-8 with a few bad bytes is damaged, not another encoding.
        if loose[:20_000].count("\ufffd") > beyond / 3:
            text = raw.decode("windows-1256")
            letters = re.findall(r"[^\W\d_]", text[:20_000])
            arabic = sum("\u0600" <= c <= "\u06ff" for c in letters)
            if letters and arabic >= len(letters) / 2 and not re.search(r"[\x00-\x08]", text):
                return text, "windows-1256"
        raise Unreadable(
            "undecodable", f"byte {error.start} fits neither UTF-8, UTF-16 nor windows-1256"
        ) from None


_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def _decode_strictly(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name)
    except UnicodeDecodeError as error:
        raise Unreadable("undecodable", f"byte {error.start} is not {name}") from None


def _guess_utf16(raw: bytes) -> str | None:
    """UTF-16 without a mark: half of its bytes say which alphabet, and are mostly 0 or 6."""
    head = raw[:4096]
    if len(head) < 4:
        return None
    for start, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        high = head[start::2]
        if high.count(0) + high.count(6) > 0.9 * len(high):
            return name
    return None
