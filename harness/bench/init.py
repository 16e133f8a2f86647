"""A first bench.toml for a service of the reader's own."""

from pathlib import Path

from harness.errors import UsageError
from harness.measure.site import ROOT

TEMPLATE = Path(__file__).with_name("template.toml")


def write(path: Path) -> None:
    """Write the template, and the project's own bounds after it; UsageError where a file is there."""
    text = f"{TEMPLATE.read_text(encoding='utf-8')}\n{_bounds()}"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already, and is not overwritten", hint="name another file") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="name a file in a folder that exists") from None


def _bounds() -> str:
    """Return the bounds of the project's bench.toml."""
    _, marked, bounds = (ROOT / "bench.toml").read_text(encoding="utf-8").partition("# Bounds of validity")
    return marked + bounds
