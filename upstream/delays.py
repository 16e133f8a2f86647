"""The delay law: how long a call waits, as the quantile function of a distribution; no clock, no state."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import Protocol

from upstream.luck import uniform

Endpoint = str
ENDPOINTS: tuple[Endpoint, ...] = ("location", "sun", "weather")  # the project's own; a user may declare others
LONGEST_S = 3600.0
_EXPECTED = 0.9999  # longer delays, one call in 10,000, are not to be expected

# Seconds, measured by the author of the course: `measured_latency_in_sec` in src/10-async-web/acityscape_api/services/
# of https://github.com/talkpython/async-techniques-python-course. Its weather service has no list and, like sun, asks
# a public API in the second step of an answer, so weather waits as sun does.
_SUN_S = (0.399203, 0.404674, 0.422959, 0.7046, 0.741911)
_COURSE_S: Mapping[Endpoint, tuple[float, ...]] = {
    "location": (
        0.28844, 0.33468, 0.334694, 0.339515, 0.341594, 0.343911, 0.344329,
        0.352366, 0.523462, 0.527148, 0.533472, 0.53351, 0.535646,
    ),
    "sun": _SUN_S,
    "weather": _SUN_S,
}  # fmt: skip
_STANDARD = NormalDist()


class Model(Protocol):
    """A distribution of delays for each endpoint, in seconds."""

    def quantile_s(self, endpoint: Endpoint, u: float) -> float:
        """Return the delay that a share `u` (0 < u < 1) of the calls does not exceed."""

    def mean_s(self, endpoint: Endpoint) -> float:
        """Return the mean delay."""


@dataclass(frozen=True)
class Fixed:
    """Every call waits the same."""

    seconds: float

    def quantile_s(self, endpoint: Endpoint, u: float) -> float:  # noqa: ARG002 - no luck in it
        """Return the delay."""
        return self.seconds

    def mean_s(self, endpoint: Endpoint) -> float:  # noqa: ARG002
        """Return the delay."""
        return self.seconds


@dataclass(frozen=True)
class Course:
    """The latencies that the course measured, each as likely as the others; another service waits as sun does."""

    def quantile_s(self, endpoint: Endpoint, u: float) -> float:
        """Return the measured value at the share `u`."""
        measured = _COURSE_S.get(endpoint, _SUN_S)
        return measured[int(u * len(measured))]

    def mean_s(self, endpoint: Endpoint) -> float:
        """Return the mean of the measured values."""
        return fmean(_COURSE_S.get(endpoint, _SUN_S))


@dataclass(frozen=True)
class LogNormal:
    """A long tail: the logarithm of the delay is normal, with deviation `sigma` around the logarithm of the median."""

    median_s: float
    sigma: float

    def quantile_s(self, endpoint: Endpoint, u: float) -> float:  # noqa: ARG002 - the same for all
        """Return median · exp(sigma · z), where z is the standard normal quantile."""
        return self.median_s * math.exp(self.sigma * _STANDARD.inv_cdf(u))

    def mean_s(self, endpoint: Endpoint) -> float:  # noqa: ARG002
        """Return median · exp(sigma² / 2)."""
        return self.median_s * math.exp(self.sigma**2 / 2)


def delay_s(model: Model, seed: int, endpoint: Endpoint, request_id: str) -> float:
    """Return the delay of a call in seconds; the same arguments always give the same delay."""
    if isinstance(model, Fixed):
        return model.seconds  # the default, and the busiest: spared the draw
    return model.quantile_s(endpoint, uniform(seed, endpoint, request_id))


def expected(models: Mapping[Endpoint, Model]) -> dict[str, dict[str, float]]:
    """Return by endpoint the mean delay and the longest that is to be expected, in seconds."""
    return {
        "mean_s": {endpoint: model.mean_s(endpoint) for endpoint, model in models.items()},
        "longest_s": {endpoint: model.quantile_s(endpoint, _EXPECTED) for endpoint, model in models.items()},
    }


def parse_model(spec: str) -> Model:
    """Return the model that a SPEC names; ValueError says what is wrong with it."""
    match spec.split(":"):
        case ["fixed", seconds]:
            return Fixed(_number("SECONDS", seconds, most=LONGEST_S))
        case ["course"]:
            return Course()
        case ["lognormal", median, sigma]:
            return LogNormal(_number("MEDIAN_S", median, most=60), _number("SIGMA", sigma, most=2))
    raise ValueError(f"{spec!r} is none of fixed:SECONDS, course, lognormal:MEDIAN_S:SIGMA")


def _number(name: str, text: str, *, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} is not a number: {text!r}") from None
    if not 0 <= number <= most:
        raise ValueError(f"{name} must be from 0 to {most:g}, not {text}")
    return number
