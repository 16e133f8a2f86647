"""What run.json says of the machine."""

from harness.measure.machine import machine
from harness.measure.probes import Cores


def test_the_machine_says_which_core_serves_and_who_shares_the_others() -> None:
    assert machine(Cores((3,), (0, 1, 2)))["pinning"] == "server on core 3; generator, stub and harness on 0, 1, 2"


def test_a_server_of_two_cores_is_told_with_both() -> None:
    assert machine(Cores((2, 3), (0, 1)))["pinning"] == "server on core 2, 3; generator, stub and harness on 0, 1"


def test_a_machine_of_one_core_cannot_pin() -> None:
    assert machine(Cores())["pinning"] == "not possible here"
