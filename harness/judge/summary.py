"""What each lane did at each point, over its valid trials."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

from hdrh.histogram import HdrHistogram

from harness.judge.histograms import LEAST_BEYOND, merged, percentile_ms
from harness.records import PointSummary, Skipped, Trial


def summaries(
    trials: Sequence[Trial], skipped: Iterable[Skipped], histograms: Mapping[str, HdrHistogram]
) -> tuple[PointSummary, ...]:
    """Summarise every point that was planned; `histograms` are those of the windows' good answers, by trial."""
    points = sorted({(trial.lane, trial.users) for trial in trials})
    measured = [
        _summary(lane, users, [trial for trial in trials if (trial.lane, trial.users) == (lane, users)], histograms)
        for lane, users in points
    ]
    beyond = (PointSummary(lane=point.lane, users=point.users, wait_beyond_limit_s=point.wait_s) for point in skipped)
    return (*measured, *beyond)


def _summary(lane: str, users: int, trials: Sequence[Trial], histograms: Mapping[str, HdrHistogram]) -> PointSummary:
    valid = [trial for trial in trials if trial.status == "valid"]
    latencies = merged(histograms[trial.trial] for trial in valid)
    slower = sum(trial.window_failed + trial.censored for trial in valid)
    throughputs = [trial.throughput_rps for trial in valid if trial.throughput_rps is not None]
    throughput = median(throughputs) if throughputs else None
    limit_rps = _median(valid, lambda trial: trial.limit_rps)
    return PointSummary(
        lane=lane,
        users=users,
        blocks=len(valid),
        invalid=len(trials) - len(valid),
        throughput_rps=throughput,
        throughput_low_rps=min(throughputs, default=None),
        throughput_high_rps=max(throughputs, default=None),
        **{f"latency_p{percent}_ms": _percentile(latencies, percent, slower) for percent in (50, 95, 99)},
        latency_max_ms=percentile_ms(latencies, 100),
        samples=latencies.get_total_count(),
        limit_rps=limit_rps,
        limit_by=_most_frequent(trial.limit_by for trial in valid),
        limit_share=throughput / limit_rps if throughput and limit_rps else None,
        cpu_ms_per_request=_median(valid, lambda trial: trial.cpu_ms_per_request),
        rss_mib=_median(valid, lambda trial: trial.rss_mib),
        threads=_median(valid, lambda trial: trial.threads),
    )


def _percentile(latencies: HdrHistogram, percent: float, slower: int) -> float | None:
    """Return a percentile in ms; None with fewer than ten answers beyond it."""
    beyond = (latencies.get_total_count() + slower) * (1 - percent / 100)
    return percentile_ms(latencies, percent, slower) if beyond >= LEAST_BEYOND else None


def _median(trials: Iterable[Trial], figure: Callable[[Trial], float | None]) -> float | None:
    known = [value for trial in trials if (value := figure(trial)) is not None]
    return median(known) if known else None


def _most_frequent(words: Iterable[str]) -> str:
    all_words = sorted(words)
    return max(all_words, key=all_words.count, default="")
