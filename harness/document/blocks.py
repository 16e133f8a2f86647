"""What a document is made of. Builders choose blocks; whoever draws them knows nothing of runs and comparisons."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from harness.document.table import Table

Medium = Literal["page", "text"]


class Picture(Protocol):
    """A chart as text knows it: its file in charts/, and what it shows in words."""

    @property
    def name(self) -> str:
        """The file's name without its ending."""

    @property
    def title(self) -> str:
        """What the chart shows."""

    @property
    def caption(self) -> str:
        """How to read it."""


@dataclass(frozen=True)
class Heading:
    """The name of what follows; a lane's name has the lane's mark beside it where marks are drawn."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """A text. Its tone is a verdict's word or "warning"; "note" and "quiet" stand back."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Listing:
    """Lines that belong together."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """Names with their values, on one line."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verbatim:
    """What a program said, line by line, under a title."""

    title: str
    text: str


@dataclass(frozen=True)
class Grouped:
    """A table whose first column groups its rows: a column where there is room, headings where there is not."""

    table: Table


@dataclass(frozen=True)
class Beside:
    """Tables that stand side by side where there is room."""

    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Figures:
    """Charts; `media` is where they stand here: a page swaps what text shows one after another."""

    pictures: tuple[Picture, ...]
    media: tuple[Medium, ...] = ("page", "text")


@dataclass(frozen=True)
class Choices:
    """A page's choice of lanes and percentiles."""


@dataclass(frozen=True)
class Slider:
    """A choice of one of `values`, which rise; it stands at `start` at first."""

    name: str
    label: str
    unit: str
    values: tuple[float, ...]
    start: float


@dataclass(frozen=True)
class Sliders:
    """A page's choice of numbers; from them and `known`, as JSON, its script fills in the table."""

    sliders: tuple[Slider, ...]
    table: Table
    known: str


@dataclass(frozen=True)
class Behind:
    """What a page shows on demand only. Text shows it too, or says `instead` where it is found, or nothing of it."""

    summary: str
    blocks: tuple["Block", ...]
    instead: str = ""
    in_text: bool = False


Block = (
    Heading
    | Paragraph
    | Listing
    | Settings
    | Verbatim
    | Table
    | Grouped
    | Beside
    | Figures
    | Choices
    | Sliders
    | Behind
)


@dataclass(frozen=True)
class Section:
    """Blocks under a title; the first section of a document has none. `name` is its anchor on a page.

    `media` is where it stands.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    media: tuple[Medium, ...] = ("page", "text")


@dataclass(frozen=True)
class Document:
    """A title, what stands above it, and the sections."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]


def section(
    name: str, title: str, blocks: Iterable[Block], media: tuple[Medium, ...] = ("page", "text")
) -> Iterator[Section]:
    """Yield a section, unless nothing is in it."""
    if found := tuple(blocks):
        yield Section(name, title, found, media)


def listing(heading: str, lines: Iterable[str]) -> Iterator[Block]:
    """Yield lines under a heading; nothing without lines."""
    if found := tuple(lines):
        yield Heading(heading)
        yield Listing(found)
