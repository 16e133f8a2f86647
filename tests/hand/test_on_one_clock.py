"""A trial of several machines is told on one clock, and as one machine's."""

from trials import calls_for, closed_load, evidence

from harness.facts.trial import Interference
from harness.judge.clocks import on_one_clock
from harness.judge.server_timing import spans
from harness.measure.watch import Seen, Used, together


def test_moments_are_moved_and_times_stay_what_they_are() -> None:
    requests = closed_load(1, 0.2)
    told = evidence(requests, calls=calls_for(requests))
    header = "sun;start=86400100.250;dur=50.125, handler;start=86400090.000;dur=99.500"
    requests.server_timing[0] = header

    moved = on_one_clock(told, server_ahead_s=86_400.0, stub_ahead_s=-7.5)

    assert spans(moved.requests.server_timing[0]) == [("sun", 0.10025, 0.050125), ("handler", 0.09, 0.0995)]
    assert moved.calls.start_s == [start_s + 7.5 for start_s in told.calls.start_s]
    assert moved.calls.delivered_s == told.calls.delivered_s
    assert moved.requests.latency_s is told.requests.latency_s


def test_of_several_machines_the_worst_disturbance_counts_and_the_servers_own_figures() -> None:
    here = Seen(
        edges_s=(1.0, 2.0),
        used={"generator": Used(processes=1, cpu_s=0.5, busiest_s=0.5), "harness": Used(processes=1)},
        interference=Interference(steal_share=0.2, foreign_share=0.0),
        driver_cores=2,
    )
    there = Seen(
        edges_s=(1.01, 2.01),
        used={"server": Used(processes=3, cpu_s=0.9, busiest_s=0.4, working=2), "harness": Used(processes=1)},
        interference=Interference(steal_share=0.0, foreign_share=0.3, speed=140.0),
        accept_queue_max=5,
        pss_mib=70.0,
        threads=4,
        cores=3,
        driver_cores=7,
    )

    seen = together([here, there])

    assert (seen.edges_s, seen.pss_mib, seen.threads, seen.cores, seen.accept_queue_max) == (
        (1.01, 2.01),
        70.0,
        4,
        3,
        5,
    )
    assert (seen.interference.steal_share, seen.interference.foreign_share, seen.interference.speed) == (
        0.2,
        0.3,
        140.0,
    )
    assert seen.driver_cores == 2  # those of the machine that drives
    assert (seen.used["server"].cpu_s, seen.used["generator"].busiest_s) == (0.9, 0.5)
