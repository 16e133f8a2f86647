"""A comparison for a terminal."""

import io

from rich.console import Console

from harness.compare.comparison import Comparison
from harness.compare.show.document import blocks_of
from harness.document.as_terminal import printable_blocks


def text(comparison: Comparison, width: int, color: bool, top: int) -> str:
    """Return lines of at most `width` columns; `color` adds ANSI colours."""
    lines = io.StringIO()
    console = Console(
        file=lines,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
    )
    console.print(printable_blocks(blocks_of(comparison, top)))
    return "".join(f"{line.rstrip()}\n" for line in lines.getvalue().split("\n")[:-1])
