"""`python -m harness VERB`: a process that is fit for it, then the command line.

First thing, before a file or a package is opened: descriptors, signals, and the interpreter's own settings.
"""

import locale
import os
import sys

from harness.signals import leave_at_once
from harness.streams import make_steadfast, open_missing


def _start_again_where_unfit() -> None:
    """Replace this process by one in UTF-8 mode, with docstrings and assertions, and with all standard streams."""
    unicode = locale.getpreferredencoding(False).lower() in ("utf-8", "utf8")
    if unicode and not sys.flags.optimize and None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    os.environ.pop("PYTHONOPTIMIZE", None)
    if sys.stdout is not None:
        os.environ["PYTHONIOENCODING"] = sys.stdout.encoding  # what the terminal shows; UTF-8 mode is for files
    os.execv(sys.executable, [sys.executable, "-X", "utf8", "-m", "harness", *sys.argv[1:]])  # noqa: S606


def _start() -> None:
    leave_at_once()
    open_missing()
    _start_again_where_unfit()
    make_steadfast()

    from harness.cli import main

    main()


_start()
