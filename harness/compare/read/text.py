"""The text of a file, whatever saved it: packed or not, in UTF-8, UTF-16 or a Windows code page."""

import codecs
import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError

AS_CSV = "give a CSV; a spreadsheet saves it as 'CSV UTF-8'"
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CODE_PAGES = ["cp1252", "gb18030", "cp1251", "cp932"]  # in which Windows saves text that is not Unicode
FOREIGN = re.compile(rb"[^,;\t\r\n\"]*[\x80-\xff][^,;\t\r\n\"]*")  # a cell with a letter that is not ASCII


@dataclass(frozen=True)
class Text:
    """What a file says, with `\\n` at the ends of lines, and what has to be said of the reading; "" for nothing."""

    text: str
    note: str = ""


def read_text(path: Path) -> Text:
    """Return a file's text; OSError, or UsageError where it is none."""
    data = _unpacked(path, path.read_bytes())
    if data.startswith(ZIP):
        raise UsageError(f"{path} is a workbook or an archive, not a CSV", hint=AS_CSV)
    if data.lstrip()[:1] in (b"{", b"["):
        raise UsageError(f"{path} is JSON, not a CSV", hint="give Locust's ..._stats.csv of the same run")
    encoding = _unicode(data)
    note = ""
    if encoding is None:
        encoding = _code_page(data)
        note = f"the file is not UTF-8: names were read as {encoding}, which is a guess; figures do not depend on it"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{path} is not text", hint=AS_CSV)
    for line_end in ("\r\r\n", "\r\n", "\r"):  # Locust on Windows doubles the carriage return
        text = text.replace(line_end, "\n")
    return Text(text, note)


def _unpacked(path: Path, data: bytes) -> bytes:
    if not data.startswith(GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path} is packed with gzip and damaged: {error}", hint="give it as it was written") from None


def _unicode(data: bytes) -> str | None:
    """Return the Unicode encoding of a text; None where it is in none."""
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return encoding
    if data[1:2] == b"\0" or data[:1] == b"\0":  # a header is ASCII, so every second byte of UTF-16 is 0
        return "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _code_page(data: bytes) -> str:
    """Return the likeliest code page, from the cells that are not ASCII: where nothing speaks for one, the first."""
    from charset_normalizer import from_bytes  # a twentieth of a second that few files need

    found = from_bytes(b"\n".join(FOREIGN.findall(data)), cp_isolation=CODE_PAGES).best()
    return found.encoding if found else CODE_PAGES[0]
