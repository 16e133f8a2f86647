"""A cgroup's CPU quota is read, and how long it has held processes back."""

from pathlib import Path

import pytest

from harness.measure.quota import Quota, quota

TREES = {
    "version 2": (
        "0::/box/inner\n",
        {"box/cpu.max": "150000 100000\n", "box/cpu.stat": "usage_usec 9\nnr_throttled 3\nthrottled_usec 2500000\n"},
        Quota(1.5, 2.5),
    ),
    "version 2, no quota": ("0::/box\n", {"box/cpu.max": "max 100000\n"}, None),
    "version 2, the tighter one above": (
        "0::/box/inner\n",
        {"box/cpu.max": "50000 100000\n", "box/inner/cpu.max": "200000 100000\n"},
        Quota(0.5, None),
    ),
    "version 2 in a container, whose path is not mounted": (
        "0::/../elsewhere\n",
        {"cpu.max": "100000 100000\n"},
        Quota(1.0, None),
    ),
    "version 1": (
        "3:cpuset:/\n1:cpu,cpuacct:/box\n",
        {
            "cpu/box/cpu.cfs_quota_us": "200000\n",
            "cpu/box/cpu.cfs_period_us": "100000\n",
            "cpu/box/cpu.stat": "nr_periods 9\nnr_throttled 2\nthrottled_time 1500000000\n",
        },
        Quota(2.0, 1.5),
    ),
    "version 1, no quota": (
        "1:cpu:/\n",
        {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"},
        None,
    ),
    "no cgroups": ("", {}, None),
}


@pytest.mark.parametrize("name", TREES)
def test_the_tightest_quota_of_the_cgroup_is_found(name: str, tmp_path: Path) -> None:
    listed, files, expected = TREES[name]
    (tmp_path / "listed").write_text(listed)
    for path, text in files.items():
        (tmp_path / "mounts" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mounts" / path).write_text(text)

    assert quota(tmp_path / "listed", tmp_path / "mounts") == expected


def test_without_proc_there_is_no_quota(tmp_path: Path) -> None:
    assert quota(tmp_path / "absent", tmp_path) is None
