"""What is drawn: requests as rows, in groups, each phase with its words and its marks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.document.numbers import ABSENT
from harness.judge.anatomy import Kind, Phase, phases
from harness.judge.counts import Anatomy

SHORT_MS = 100  # from here on a tenth of a millisecond says nothing


@dataclass(frozen=True)
class Track:
    """One request in a picture: the group it belongs to, its name there, and when its own clock begins (s)."""

    group: str
    name: str
    anatomy: Anatomy
    offset_s: float = 0.0

    @property
    def end_s(self) -> float:
        """When the client had the answer, on the picture's clock."""
        return self.offset_s + self.anatomy.latency_s


@dataclass(frozen=True)
class Mark:
    """How a kind of phase is shown: in words, in a colour, as a sign in the terminal, as thickness in pixels.

    Sign and thickness alone tell the kinds apart: waits lie low, what the server does stands tall.
    """

    words: str
    colour: str
    sign: str
    thickness: int


# Colours of Okabe and Ito, as in the charts; grey for waiting.
MARKS: Mapping[Kind, Mark] = {
    "late": Mark("due, not sent yet", "#CC79A7", "-", 5),
    "waiting": Mark("waiting for the server", "#808080", "░", 9),
    "own": Mark("framework and own code", "#D55E00", "▓", 26),
    "client": Mark("waiting for connection, loop or core", "#E69F00", "▒", 17),
    "upstream": Mark("waiting for the upstream", "#009E73", "█", 21),
    "back": Mark("on the way back", "#56B4E9", "=", 5),
    "untold": Mark("in the server, which does not say", "#0072B2", "?", 13),
}


def words(phase: Phase) -> str:
    """Return what a phase is, with the calls that it waited for."""
    calls = " + ".join(phase.calls)
    return f"{MARKS[phase.kind].words}: {calls}" if calls else MARKS[phase.kind].words


def kinds(tracks: Iterable[Track]) -> list[Kind]:
    """Return the kinds of phases that the requests have, in the order in which a request meets them."""
    found = {phase.kind for track in tracks for phase in phases(track.anatomy)}
    return [kind for kind in MARKS if kind in found]


def groups(tracks: Iterable[Track]) -> dict[str, list[Track]]:
    """Return the requests by group, both in the order in which they come."""
    found: dict[str, list[Track]] = {}
    for track in tracks:
        found.setdefault(track.group, []).append(track)
    return found


def milliseconds(seconds: float | None) -> str:
    """Return a time in ms, a short one with a tenth; ABSENT for None."""
    if seconds is None:
        return ABSENT
    return f"{1000 * seconds:,.{int(1000 * seconds < SHORT_MS)}f}"
