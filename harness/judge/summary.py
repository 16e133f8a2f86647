"""What each lane did at each point, over its valid trials."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

import numpy as np
from hdrh.histogram import HdrHistogram

from harness.facts.figures import PERCENTILES
from harness.facts.point import Point, users
from harness.facts.run import Skipped
from harness.facts.summary import Percentile, PointSummary, SpectrumPoint
from harness.facts.trial import Trial
from harness.judge.histograms import merged, percentile_ms
from harness.judge.overload import overload
from harness.judge.percentiles import percentile
from harness.judge.statistics import geometric_mean

SPECTRUM = tuple(100 * (1 - 10**-nines) for nines in np.arange(0, 6.01, 0.1))  # steps on an axis of nines


def summaries(
    trials: Sequence[Trial], skipped: Iterable[Skipped], histograms: Mapping[str, HdrHistogram]
) -> tuple[PointSummary, ...]:
    """Summarise every point that was planned; `histograms` are those of the windows' good answers, by trial."""
    places = sorted({trial.place for trial in trials})
    measured = [_summary(lane, point, _at(trials, lane, point), histograms) for lane, point in places]
    beyond = (
        PointSummary(lane=point.lane, point=users(point.users), wait_beyond_limit_s=point.wait_s) for point in skipped
    )
    return (*measured, *beyond)


def spectra(
    trials: Sequence[Trial], point: Point, histograms: Mapping[str, HdrHistogram]
) -> dict[str, tuple[SpectrumPoint, ...]]:
    """Return each lane's percentiles at one point up to the slowest good answer, over its valid trials."""
    lanes = dict.fromkeys(trial.lane for trial in trials if trial.point == point)
    found = {lane: _spectrum(_valid(_at(trials, lane, point)), histograms) for lane in lanes}
    return {lane: steps for lane, steps in found.items() if steps}


def _spectrum(valid: Sequence[Trial], histograms: Mapping[str, HdrHistogram]) -> tuple[SpectrumPoint, ...]:
    """Return the steps up to the slowest answer, or to where failed and censored requests begin."""
    good, slower = merged(histograms[trial.trial] for trial in valid), _slower(valid)
    count = good.get_total_count() + slower
    steps = [*(percent for percent in SPECTRUM if round((1 - percent / 100) * count, 9) >= 1), 100.0]
    values = {percent: percentile_ms(good, percent, slower) for percent in steps} if count else {}
    return tuple(SpectrumPoint(percent=percent, ms=ms) for percent, ms in values.items() if ms is not None)


def _at(trials: Iterable[Trial], lane: str, point: Point) -> list[Trial]:
    return [trial for trial in trials if trial.place == (lane, point)]


def _valid(trials: Iterable[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.status == "valid"]


def _summary(lane: str, point: Point, trials: list[Trial], histograms: Mapping[str, HdrHistogram]) -> PointSummary:
    valid = _valid(trials)
    throughput = geometric_mean(trial.throughput_rps for trial in valid)
    cpu = geometric_mean(trial.cpu_ms_per_request for trial in valid)
    limit = geometric_mean(trial.limit_rps for trial in valid)
    good, gained = merged(histograms[trial.trial] for trial in valid), overload(valid)
    steady = all(trial.sustained is not False for trial in valid) and not (gained and gained.is_certain)
    return PointSummary(
        lane=lane,
        point=point,
        blocks=len(valid),
        invalid=len(trials) - len(valid),
        not_sustained=sum(trial.sustained is False for trial in valid),
        overload=gained,
        throughput_rps=throughput.value if throughput else None,
        throughput_low_rps=throughput.low if throughput else None,
        throughput_high_rps=throughput.high if throughput else None,
        percentiles=_percentiles(valid, good) if steady else {},
        latency_max_ms=percentile_ms(good, 100, _slower(valid)) if steady else None,
        limit_rps=limit.value if limit else None,
        limit_by=_most_frequent(trial.limit_by for trial in valid),
        limit_share=throughput.value / limit.value if throughput and limit else None,
        cpu_ms_per_request=cpu.value if cpu else None,
        cpu_low_ms=cpu.low if cpu else None,
        cpu_high_ms=cpu.high if cpu else None,
        pss_mib=_median(valid, lambda trial: trial.pss_mib),
        threads=_median(valid, lambda trial: trial.threads),
    )


def _percentiles(valid: Sequence[Trial], good: HdrHistogram) -> dict[str, Percentile | None]:
    """Return the percentiles over the blocks."""
    slower, slowest_ms = _slower(valid), max((trial.slowest_lost_ms or 0.0 for trial in valid), default=0.0)
    return {
        metric.name: percentile(
            good, metric.percent or 0.0, [getattr(trial, metric.field) for trial in valid], slower, slowest_ms
        )
        for metric in PERCENTILES
    }


def _slower(valid: Iterable[Trial]) -> int:
    """Count the requests that rank behind all good answers."""
    return sum(trial.window_failed + trial.window_censored for trial in valid)


def _median(trials: Iterable[Trial], figure: Callable[[Trial], float | None]) -> float | None:
    known = [value for trial in trials if (value := figure(trial)) is not None]
    return median(known) if known else None


def _most_frequent(words: Iterable[str]) -> str:
    all_words = sorted(words)
    return max(all_words, key=all_words.count, default="")
