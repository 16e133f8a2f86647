"""`python -m producer_consumer`: run the programs one after the other, then set what they took beside theory."""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from producer_consumer.outcome import Outcome, render
from producer_consumer.programs import PROGRAMS

INTERRUPTED = 130
SLOWEST, FASTEST = 0.1, 1000.0


class _Parser(argparse.ArgumentParser):
    """An argument parser that refuses as the rest of the project does."""

    def error(self, message: str) -> NoReturn:
        """Say what was wrong and what to type, and end with exit code 2."""
        sys.stderr.write(f"error: {message}\nhint: {self.prog} --help, or for example --seed 1 --speed 10\n")
        raise SystemExit(2)


def main() -> None:
    """Run what the options ask for; Ctrl-C ends it with exit code 130."""
    _open_missing()
    # Installed, since a job in the background inherits an ignored SIGINT; and `| head` ends the demo quietly.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    options = _parse()
    try:
        _show(options.only, options.seed, options.speed)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr, flush=True)
        # At once: the threaded program may be in the middle of a line, and a normal exit would fight it for stdout.
        os._exit(INTERRUPTED)


def _open_missing() -> None:
    """Open the standard streams that are closed on /dev/null, so that all can be written to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open as long as the process lives


def _show(only: str | None, seed: int, speed: float) -> None:
    console = Console()
    names = [only] if only else list(PROGRAMS)
    expected_s = sum(PROGRAMS[name].theory(seed).figures.total_s for name in names) / speed
    console.print(f"seed {seed}, speed {speed:g}: takes about {expected_s:.0f} s", highlight=False)
    console.print(render([_outcome(name, console, seed, speed) for name in names]))


def _outcome(name: str, console: Console, seed: int, speed: float) -> Outcome:
    program = PROGRAMS[name]
    return Outcome(name, program.perform(console, seed, speed), program.theory(seed))


def _parse() -> argparse.Namespace:
    parser = _Parser(prog="python -m producer_consumer", description="Producer and consumer, written four times.")
    parser.add_argument("--only", choices=PROGRAMS, help="one program instead of all")
    parser.add_argument("--seed", type=int, default=1, help="chooses how long items take to generate (default 1)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="how many times as fast as in the course (default 1)")
    return parser.parse_args()


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not SLOWEST <= value <= FASTEST:
        raise argparse.ArgumentTypeError(f"must be from {SLOWEST:g} to {FASTEST:g}, not {text}")
    return value


if __name__ == "__main__":
    main()
