"""Proofs that the instrument is right: each study measures or simulates something whose answer is known."""

from collections.abc import Callable, Mapping

from harness.studies.advice import advice
from harness.studies.delays import delays
from harness.studies.error_rates import equality, error_rates
from harness.studies.in_flight import in_flight
from harness.studies.instrument import arrivals, recorder
from harness.studies.looks import looks
from harness.studies.parts import parts
from harness.studies.simulation import coverage_and_errors, false_rejections
from harness.studies.stall import stall
from harness.studies.study import Study
from harness.studies.templates import templates

Say = Callable[[str], None]

# Each is told whom to tell how far it is.
STUDIES: Mapping[str, Callable[[Say], Study]] = {
    "stall": lambda _: stall(),
    "arrivals": lambda _: arrivals(),
    "in-flight": lambda _: in_flight(),
    "recorder": lambda _: recorder(),
    "templates": lambda _: templates(),
    "delays": lambda _: delays(),
    "coverage": lambda _: coverage_and_errors(),
    "looks": lambda _: looks(),
    "rejections": lambda _: false_rejections(),
    "error-rates": lambda say: error_rates(say=say),
    "equality": lambda say: equality(say=say),
    "advice": lambda say: advice(say=say),
    "parts": lambda say: parts(say=say),
}
