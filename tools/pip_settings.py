"""What pip may keep of the user's settings: `pip config list | python pip_settings.py` prints a configuration file.

Where packages come from is kept. What says where or what to install is there without a value, which takes away the
same setting of a file that pip reads before this one.
"""

import ast
import configparser
import sys
from collections.abc import Iterable

KEPT = {
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "proxy", "cert", "client-cert"),
    *("timeout", "retries", "cache-dir", "no-cache-dir", "keyring-provider"),
}
SECTIONS = ("global", "install")  # what `pip install` reads


def kept(lines: Iterable[str]) -> configparser.RawConfigParser:
    """Return the settings, given lines like `install.target='/there'`; variables (`:env:`) are not among them."""
    settings = configparser.RawConfigParser()
    settings.read_dict({section: {} for section in SECTIONS})
    for line in lines:
        name, _, value = line.strip().partition("=")
        section, _, key = name.partition(".")
        if section in SECTIONS:
            settings[section][key] = ast.literal_eval(value) if key in KEPT else ""
    return settings


if __name__ == "__main__":
    kept(sys.stdin).write(sys.stdout)
