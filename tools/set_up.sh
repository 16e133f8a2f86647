#!/bin/sh
# Build .venv with the interpreter $1, and write $2 once it is whole: the place that it is for.
# pip keeps the user's index, proxies and certificates, and takes no place to install to.
set -eu
python=$1 ready=$2 pip=
trap 'kill $pip 2>/dev/null || true; exit 130' INT TERM HUP
for name in TARGET PREFIX ROOT USER REQUIRE_VIRTUALENV NO_DEPS DRY_RUN PYTHON CONSTRAINT REQUIREMENT EDITABLE UPGRADE_STRATEGY NO_BINARY ONLY_BINARY IGNORE_INSTALLED QUIET VERBOSE; do
  unset "PIP_$name"
done
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "error: Python 3.11 or newer is needed: $python" >&2
  echo 'hint: make PYTHON=python3.12 ...' >&2
  exit 2
fi
echo 'setting up .venv (about a minute; again when requirements.lock, the interpreter or this folder changes)' >&2
base=$("$python" -c 'import sys; print(sys._base_executable)')  # not the one in .venv, which goes away
rm -f "$ready"
[ ! -L .venv ] || rm .venv  # venv would empty what the link points to, and then refuse
"$base" -m venv --clear .venv
log=.venv/pip.log settings=.venv/pip-settings.conf
.venv/bin/python -m pip config list | .venv/bin/python "$(dirname "$0")/pip_settings.py" >"$settings"
PIP_CONFIG_FILE="$settings" PIP_NO_INPUT=1 .venv/bin/python -m pip install --disable-pip-version-check --no-user --require-hashes --requirement requirements.lock >"$log" 2>&1 &
pip=$!
while kill -0 $pip 2>/dev/null; do
  printf '.' >&2
  sleep 2
done
echo >&2
if ! wait $pip; then
  grep -i error "$log" | tail -5 >&2 || tail -5 "$log" >&2
  echo "error: the packages could not be installed; pip's words are in $log" >&2
  echo 'hint: check the network, or name your index in PIP_INDEX_URL; then the same command again' >&2
  exit 2
fi
if ! .venv/bin/python -c 'import aiohttp, altair, flask, gunicorn, hypercorn, locust, quart, scipy, typer' 2>>"$log"; then
  echo "error: packages are missing in .venv though pip succeeded; pip's words are in $log" >&2
  echo 'hint: look for a target, prefix or user setting in `pip config list`, and take it away' >&2
  exit 2
fi
command -v "$python" >.venv/.interpreter
pwd -P >"$ready"
