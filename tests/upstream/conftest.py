"""One stub process for all tests that need one."""

from collections.abc import Iterator

import pytest
from polling import poll

from tests.upstream.stub_process import RunningStub, running_stub


@pytest.fixture(scope="session")
def process() -> Iterator[RunningStub]:
    with running_stub("--delay", "fixed:0.02", "--hold", "3000") as stub:
        yield stub
        stub.process.terminate()
        assert stub.process.communicate(timeout=10) == ("", "")  # whatever the tests did, it had nothing to complain


@pytest.fixture
def stub(process: RunningStub) -> RunningStub:
    """The one process of all these tests, as if it had just started."""
    process.set_faults()
    poll(lambda: process.reset(seed=1, delay="fixed:0.02").ok, 60, "nothing in flight")
    return process
