"""The bounds of validity for tests: the project's own, and such as no machine breaks; configurations with them."""

from pathlib import Path

from harness.facts.config import Config
from harness.facts.parsing import parse_config

BOUNDS = parse_config((Path(__file__).resolve().parents[2] / "bench.toml").read_text(encoding="utf-8")).validity
# As TOML: commands and runs work whoever else uses the machine; answers must still be good, and few beyond the limit.
KEPT = {name: BOUNDS[name] for name in ("failed_share", "limit_share")}
LONG = {"still_ms": 100_000}  # a second is soon over where every core is busy
WIDE = "\n[validity]\n" + "".join(f"{name} = {(KEPT | LONG).get(name, 1000)}\n" for name in BOUNDS)


def config_of(**tables: object) -> Config:
    """Return a configuration with these tables and the project's bounds; what is not given is empty."""
    return Config.model_validate({"scenarios": {}, "lanes": {}, "profiles": {}, "validity": BOUNDS, **tables})
