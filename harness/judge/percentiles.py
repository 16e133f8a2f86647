"""Percentiles as they are shown: means over blocks, or a bound where failures reach them."""

from collections.abc import Sequence

from hdrh.histogram import HdrHistogram

from harness.facts.figures import is_thin, rank_of, too_few_beyond
from harness.facts.summary import Percentile
from harness.judge.histograms import value_at_rank_ms
from harness.judge.statistics import geometric_mean


def percentile(
    good: HdrHistogram, percent: float, blocks_ms: Sequence[float | None], slower: int = 0, slowest_ms: float = 0.0
) -> Percentile | None:
    """Return a percentile over blocks; None with fewer than ten requests beyond it in all of them.

    `blocks_ms` are the blocks' own, None where lost requests reach one; `good` are the good answers of all blocks.
    It is the geometric mean of the blocks', with Student's t interval. Where failed or censored requests reach one,
    there is a lower bound: that of all requests together, of which `slower` rank slowest and took `slowest_ms` or more.
    """
    answers = good.get_total_count()
    total = answers + slower
    if too_few_beyond(percent, total):
        return None
    thin, rank = is_thin(percent, total), rank_of(percent, total)
    if rank <= answers and None not in blocks_ms and (mean := geometric_mean(blocks_ms)):
        return Percentile(ms=mean.value, low_ms=mean.low, high_ms=mean.high, at_least=False, thin=thin)
    slowest = max(value_at_rank_ms(good, answers) if answers else 0.0, slowest_ms)
    bound = slowest if rank > answers else value_at_rank_ms(good, rank)
    return Percentile(ms=bound, low_ms=None, high_ms=None, at_least=True, thin=thin)
