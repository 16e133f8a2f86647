"""The bounds of validity for tests: the project's own, and such as no machine breaks; configurations with them."""

from pathlib import Path

from harness.facts.config import Config
from harness.facts.parsing import parse_config

BOUNDS = parse_config((Path(__file__).resolve().parents[2] / "bench.toml").read_text(encoding="utf-8")).validity
# As TOML: commands and runs work whoever else uses the machine; answers must still be good, and few beyond the limit.
WIDE = "\n[validity]\n" + "".join(
    f"{name} = {bound if name in ('failed_share', 'limit_share') else 100_000}\n" for name, bound in BOUNDS.items()
)


def config_of(**tables: object) -> Config:
    """Return a configuration with these tables and the project's bounds; what is not given is empty."""
    return Config.model_validate({"scenarios": {}, "lanes": {}, "profiles": {}, "validity": BOUNDS, **tables})
