"""The bounds by which studies judge their trials: the project's own."""

from pathlib import Path

from harness.facts.config import Validity, parse_config

SETTINGS = Path(__file__).resolve().parents[2] / "bench.toml"


def bounds() -> Validity:
    """Return the bounds of bench.toml."""
    return parse_config(SETTINGS.read_text(encoding="utf-8")).validity
