"""Which machine does what: how it is written, and who shares one with whom."""

import pytest

from harness.errors import UsageError
from harness.facts.host import ALL_HERE, Host, Hosts


@pytest.mark.parametrize(
    "text",
    [
        "local",
        "local=10.0.0.1",
        "ssh:me@a",
        "ssh:a.example:/opt/x y".replace(" ", "_"),
        "ssh:a:/x=10.0.0.2",
        "nsenter:7=10.0.0.3",
    ],
)
def test_a_host_is_read_as_it_is_written(text: str) -> None:
    assert str(Host.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "a", "ssh:", "ssh:-oProxyCommand=x", "ssh:a;reboot", "ssh:a b", "http://a", "local:x"]
)
def test_what_names_no_host_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is no host") as refused:
        Host.parse(text)

    assert "ssh:me@host" in refused.value.hint


def test_who_shares_a_machine_with_whom_is_said() -> None:
    a, b = Host.parse("ssh:me@a"), Host.parse("ssh:me@b")

    assert Hosts(server=a, upstream=b, workers=(b, b)).shared() == (
        "a: server",
        "b: upstream and load",
        "local: harness",
    )
    assert Hosts(server=a).shared() == ("a: server", "local: upstream, load, harness")


def test_a_machine_with_several_parts_is_reached_once() -> None:
    a = Host.parse("ssh:me@a")

    assert Hosts(server=a, upstream=a, workers=(a,)).far == (a,)
    assert ALL_HERE.are_local


@pytest.mark.parametrize("worker", ["local", "nsenter:7=10.0.0.3"])
def test_who_sends_is_reached_by_ssh(worker: str) -> None:
    assert Hosts.of(None, "ssh:a", ["ssh:b", "ssh:b"]).workers == (Host.parse("ssh:b"),) * 2

    with pytest.raises(UsageError, match="cannot send"):
        Hosts.of(None, None, [worker])
