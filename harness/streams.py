"""The standard streams of a program that measures: there from the start, able to write any text, and never its end.

A descriptor that is missing is opened on /dev/null before anything else can get its number. What a stream's encoding
lacks is written in plain letters. A pipe whose reader is gone (`| head`), a full disk and a terminal that was closed
are met once; what is written afterwards is dropped, so that everything still ends as it should.
"""

import codecs
import contextlib
import errno
import io
import os
import sys
import unicodedata
from typing import TYPE_CHECKING

from harness.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from typing_extensions import Buffer

STANDARD = (0, 1, 2)
GONE = (errno.EPIPE, errno.EIO)  # the reader ended; the terminal was closed
PLAIN = dict(
    zip("≥≤×·±→…–—“”‘’█▓▒░", (">=", "<=", "x", "-", "+-", "->", "...", "-", "-", *"\"\"''##=."), strict=True)  # noqa: RUF001
)


def open_missing() -> None:
    """Open each of the descriptors 0 to 2 that is closed on /dev/null, for this process and those that it becomes."""
    for descriptor in STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free: this one


def make_steadfast() -> None:
    """Put streams in place of stdout and stderr that fail once at most, and write all text that they are given."""
    codecs.register_error("plain", _plain)
    sys.stdout, sys.stderr = _steadfast(sys.stdout, "stdout"), _steadfast(sys.stderr, "stderr")


def _steadfast(stream: io.TextIOWrapper | object, name: str) -> io.TextIOWrapper:
    assert isinstance(stream, io.TextIOWrapper)  # noqa: S101 - open_missing came first
    unicode = codecs.lookup(stream.encoding).name.startswith("utf")
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(stream.fileno(), name)),
        encoding=stream.encoding,
        errors="surrogateescape" if unicode else "plain",
        line_buffering=stream.line_buffering or name == "stderr",
    )


class _Output(io.FileIO):
    """A standard stream's bytes."""

    def __init__(self, descriptor: int, name: str) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._name = name

    def write(self, data: "Buffer", /) -> int:
        """Write some of the bytes; at the first failure turn to /dev/null, and say or do what is left to do.

        A reader of stderr that is gone interrupts what goes on, since nobody watches it any more. One of stdout has
        what it wanted: the command goes on and gives its own exit code.
        """
        try:
            return super().write(data) or 0
        except OSError as error:
            ending = error.__context__ is not None
            self._turn(ending)
            if ending:
                return super().write(data) or 0
            if self._name == "stdout" and error.errno not in GONE:
                raise UsageError(
                    f"cannot write to {self._name}: {error.strerror}", hint="send the output elsewhere"
                ) from None
            if self._name == "stderr" and error.errno in GONE:
                raise Interrupted from None
            return len(memoryview(data))

    def _turn(self, ending: bool) -> None:
        """Write to /dev/null from now on; to the terminal, if there is one, when the last words are being said."""
        for path in ("/dev/tty",) * (ending and self._name == "stderr") + (os.devnull,):
            with contextlib.suppress(OSError):
                other = os.open(path, os.O_WRONLY)
                os.dup2(other, self.fileno())
                os.close(other)
                return


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Spell what an encoding lacks: "≥" is ">=", an accent is left out, all else is "?"."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelled, error.object[error.start : error.end])), error.end


def _spelled(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return PLAIN.get(letter) or bare or "?"
