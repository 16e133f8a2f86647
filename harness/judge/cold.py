"""The answers of a cold window as wrk counts them, so that they can stand beside what others measured with wrk."""

from hdrh.histogram import HdrHistogram

from harness.facts.trial import ColdWindow

WRK_TIMEOUT_MS = 2000  # its default, --timeout 2s


def cold(good: HdrHistogram) -> ColdWindow:
    """Return that the window is not steady, its answers beyond wrk's timeout, and the mean of the others in ms.

    wrk counts an answer that took longer than its timeout among the completed ones and as a timeout, and leaves it out
    of its latencies (stats_record in stats.c, response_complete in wrk.c). `good` are the window's good answers, in us.
    """
    steps = good.get_recorded_iterator()
    latencies = ((step.value_iterated_to / 1000, step.count_added_in_this_iter_step) for step in steps)
    quick = [(ms, count) for ms, count in latencies if ms <= WRK_TIMEOUT_MS]
    answers = sum(count for _, count in quick)
    return ColdWindow(
        steady=False,
        slow_ok=good.get_total_count() - answers,
        quick_mean_ms=sum(ms * count for ms, count in quick) / answers if answers else None,
    )
