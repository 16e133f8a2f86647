"""What run.json says of the machine."""

from harness.measure.machine import machine
from harness.measure.probes import Cores


def test_the_machine_says_which_core_serves_and_who_shares_the_others() -> None:
    assert machine(Cores((3,), (0, 1, 2)))["pinning"] == "server on core 3; generator, stub and harness on 0, 1, 2"


def test_a_machine_of_one_core_cannot_pin() -> None:
    assert machine(Cores())["pinning"] == "not possible here"
