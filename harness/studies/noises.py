"""Kinds of noise of simulated plans: those that the t interval is promised for, and those that show its limits."""

import math
from collections.abc import Callable

import numpy as np

from harness.judge.rows import Floats

BOTH = "skewed in both lanes"
PROMISED_FOR = ("normal", BOTH)
SLOW_SHARE = 0.15  # of the blocks that one lane measures on a slow core
SPEEDS = 0.9  # of the variance comes from the two speeds

Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]


def _normal(luck: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return luck.standard_normal(shape)


def _skewed_in_both(luck: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return (luck.standard_exponential(shape) - luck.standard_exponential(shape)) / math.sqrt(2)


def _skewed_in_one(luck: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return luck.standard_exponential(shape) - 1


def _two_speeds_in_one(luck: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    speeds = (SLOW_SHARE - (luck.random(shape) < SLOW_SHARE)) / math.sqrt(SLOW_SHARE * (1 - SLOW_SHARE))
    return math.sqrt(SPEEDS) * speeds + math.sqrt(1 - SPEEDS) * luck.standard_normal(shape)


NOISES: dict[str, Draw] = {  # each with mean 0 and deviation 1
    "normal": _normal,
    BOTH: _skewed_in_both,
    "skewed in one lane": _skewed_in_one,
    "two speeds in one lane": _two_speeds_in_one,
}
