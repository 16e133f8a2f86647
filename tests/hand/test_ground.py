"""A lane that others are to reach has to say at which address it listens."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.facts.config import Lane
from harness.measure.ground import Here
from harness.measure.probes import Cores
from harness.measure.site import Site

FIXED, FREE = Lane(command="python serve.py 127.0.0.1 {port}"), Lane(command="python serve.py {host} {port}")


def test_on_loopback_a_lane_need_not_say_where_it_listens(tmp_path: Path) -> None:
    Here(Site(tmp_path, Cores())).check("x", FIXED)
    Here(Site(tmp_path, Cores()), host="10.0.0.1").check("x", FREE)


@pytest.mark.parametrize(
    ("lane", "why"), [(FIXED, "does not say at which address"), (Lane(url="http://127.0.0.1:1"), "runs already")]
)
def test_where_others_are_to_reach_it_it_must(lane: Lane, why: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=why):
        Here(Site(tmp_path, Cores()), host="10.0.0.1").check("x", lane)


def test_a_command_is_told_the_address() -> None:
    assert FREE.argv(port=7, upstream="u", host="10.0.0.1") == ["python", "serve.py", "10.0.0.1", "7"]
    assert FREE.argv(port=7, upstream="u")[2] == "127.0.0.1"
    assert Lane(command="x {port}", env={"AT": "{host}"}).environment(port=7, upstream="u", host="h")["AT"] == "h"
