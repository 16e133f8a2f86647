"""The probe of the server's core: its samples are taken while it runs, and none are made up."""

from pathlib import Path

import pytest
from polling import poll

from harness.measure.probes import Cores, split_cores
from harness.measure.site import Site, scratch_folder
from harness.measure.speed import LEAST_SAMPLES, SpeedProbe, start_speed_probe
from harness.measure.speed_probe import EVERY_S, LINKS, SAMPLE, following, make_chain, sample


def probe_with(folder: Path, *samples: tuple[float, float], rest: bytes = b"") -> SpeedProbe:
    path = folder / "samples"
    path.write_bytes(b"".join(SAMPLE.pack(*one) for one in samples) + rest)
    return SpeedProbe(None, path)  # type: ignore[arg-type]


def test_the_speed_is_the_mean_of_the_samples_between_two_moments(tmp_path: Path) -> None:
    samples = [(second, 50.0 + second) for second in range(30)]

    probe = probe_with(tmp_path, *samples, rest=b"half a sam")

    assert probe.between(10, 20) == pytest.approx(64.5)
    assert probe.between(0, LEAST_SAMPLES - 1) is None
    assert probe.between(30, 100) is None


def test_without_a_core_for_the_server_there_is_no_probe(tmp_path: Path) -> None:
    with start_speed_probe(Site(tmp_path, Cores())) as probe:
        assert probe is None


def test_the_chain_is_one_round_through_all_lines_so_that_no_part_of_it_stays_in_a_cache() -> None:
    chain, place, seen = make_chain(), 0, set()
    for _ in range(LINKS):
        seen.add(place)
        place = chain[place]

    assert place == 0
    assert len(seen) == LINKS


def test_a_sample_goes_on_where_the_last_one_ended() -> None:
    chain = make_chain()
    first, place = sample(chain, 0)
    second, other = sample(chain, place)

    assert min(first, second) > 0
    assert len({0, place, other}) == 3


@pytest.mark.parametrize("tick_s", [0.001, 0.004, 0.01])
def test_samples_fall_on_the_kernels_ticks_as_often_as_chance_has_it(tick_s: float) -> None:
    moments = [0.0]
    for _ in range(4000):
        moments.append(following(moments[-1]))

    hit = sum(moment % tick_s < 0.1 * tick_s for moment in moments) / len(moments)
    assert hit == pytest.approx(0.1, abs=0.03)
    assert moments[-1] / 4000 == pytest.approx(EVERY_S, rel=0.05)


@pytest.mark.skipif(not split_cores().server, reason="there is one core, or no pinning")
def test_a_running_probe_takes_samples_of_the_servers_core_and_ends_with_its_block() -> None:
    with scratch_folder() as scratch:
        with start_speed_probe(Site(scratch, split_cores())) as probe:
            assert probe is not None
            assert poll(lambda: probe.between(0, float("inf")), 20, "enough samples")
            (process,) = probe.processes()
            assert tuple(process.cpu_affinity()) == split_cores().server
        assert not process.is_running()
