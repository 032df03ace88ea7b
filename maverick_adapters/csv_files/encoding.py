"""What a file's bytes mean: byte order mark, then strict UTF-8, then Windows-1252.

No statistics: on 55 generated lists in Windows-1252 with names such as José and Müller,
charset-normalizer 3.5 named another code page for all, and 49 of them came out with wrong letters.
A guess that is always the same one can be seen in a preview and overruled with ``--encoding``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from maverick_core.kernel.errors import Rejected

FALLBACK: Final = "cp1252"

_BLOCK: Final = 1 << 20  # bytes
_HEAD: Final = 1 << 16  # bytes that are looked at for signs of no text, or of UTF-16

_MARKS: Final = (  # UTF-32's begins as UTF-16's does, so it comes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "a spreadsheet or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
)
_CONTROLS: Final = bytes({*range(32)} - {*b"\t\n\r\x0b\x0c\x1a"})
_BINARY_SHARE: Final = 0.3  # of control bytes, from which on it is no text with a few broken rows
_ESCAPED = re.compile("[\udc80-\udcff]")


def known_encoding(label: str) -> str:
    """Return the text encoding that ``label`` names.

    Raises:
        Rejected: ``unknown_encoding``.

    """
    try:
        "".encode(label)  # refuses codecs that are no text encodings, such as rot13
        return codecs.lookup(label).name
    except (LookupError, ValueError) as error:
        raise Rejected(
            f"{label[:40]!r} is not a text encoding.",
            code="unknown_encoding",
            remedy="Usual ones are utf-8, cp1252 (Windows), utf-16 and mac-roman.",
        ) from error


def error_handler(encoding: str) -> str:
    """Return how to decode what is broken, so that rows that do not have it are still read.

    Where the original bytes can be kept they are, as lone surrogates; else a sign replaces them.
    Either is a character that no contact may have.
    """
    return "surrogateescape" if encoding in {"utf-8", "utf-8-sig", "cp1252"} else "replace"


def detect_encoding(file: BinaryIO) -> str:
    """Read all of ``file`` and say how it is encoded.

    Raises:
        Rejected: ``not_csv``, it is a workbook, an archive or no text at all.

    """
    head = file.read(_HEAD)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    _refuse_other_formats(head)
    if wide := _utf16_without_mark(head):
        return wide
    if head and len(head) - len(head.translate(None, _CONTROLS)) > len(head) * _BINARY_SHARE:
        raise _not_csv("no text")
    return "utf-8" if _is_utf8(file) else FALLBACK


def _refuse_other_formats(head: bytes) -> None:
    for magic, what in _OTHER_FORMATS:
        if head.startswith(magic):
            raise _not_csv(what)


def _not_csv(what: str) -> Rejected:
    return Rejected(
        f"The file is {what}, not CSV.",
        code="not_csv",
        remedy="Open it in the program it comes from and export it as CSV first.",
    )


def _utf16_without_mark(head: bytes) -> str:
    """Tell UTF-16 by its NULs: in Western text every other byte is one."""
    enough = len(head) * 0.3
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > enough and odd > even * 10:
        return "utf-16-le"
    return "utf-16-be" if even > enough and even > odd * 10 else ""


def _is_utf8(file: BinaryIO) -> bool:
    """Decide for UTF-8 unless most of what is not ASCII contradicts it.

    One broken row in a UTF-8 file must not turn every José of the others into JosÃ©.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        for block in _blocks(file):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _mostly_utf8(file)
    return True


def _mostly_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = broken = 0
    for block in _blocks(file):
        text = decoder.decode(block)
        escaped = len(_ESCAPED.findall(text))
        broken += escaped
        good += len(text) - len(text.encode("ascii", "ignore")) - escaped
    return good > broken


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block
