"""How the command lines take numbers and refuse: what failed and what to type, on stderr, with exit code 2."""

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

_Number = TypeVar("_Number", int, float)


class Parser(argparse.ArgumentParser):
    """An argument parser that refuses as the rest of the project does."""

    def error(self, message: str) -> NoReturn:
        """Refuse what cannot be parsed."""
        refuse(message, f"{self.prog} --help")


def between(least: _Number, most: _Number) -> Callable[[str], _Number]:
    """Return an argument type: a number of the bounds' own type, and within them."""

    def number(text: str) -> _Number:
        value = type(least)(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}, not {text}")
        return value

    return number


def refuse(problem: str, hint: str) -> NoReturn:
    """End the process for wrong usage."""
    sys.stderr.write(f"error: {problem}\nhint: {hint}\n")
    raise SystemExit(2)
