"""How a figure is written for people: three significant digits, thousands separators, never an exponent."""

import math

ABSENT = "–"  # noqa: RUF001 - the sign for "no figure", which is not zero


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number with that many significant digits; ABSENT for None."""
    if value is None:
        return ABSENT
    rounded = float(f"{value:.{digits - 1}e}")
    places = digits - 1 - math.floor(math.log10(abs(rounded))) if rounded else 0
    return f"{rounded:,.{max(places, 0)}f}"


def percent(share: float | None) -> str:
    """Return a share of 1 as percent, without the sign."""
    return figure(None if share is None else 100 * share)


def signed(share: float | None) -> str:
    """Return a share of 1 as percent with its sign and one decimal: `+1.2`, `-0.3`."""
    return ABSENT if share is None else f"{100 * share:+.1f}"


def count(number: float | None) -> str:
    """Return a whole number; a median of counts may have a half."""
    return ABSENT if number is None else f"{number:,.10g}"


def duration(seconds: float) -> str:
    """Return seconds as `42 s` or `6 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
