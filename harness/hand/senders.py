"""Locust workers on other machines: a port of theirs leads through ssh to their master, on our loopback."""

import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from harness.errors import MeasurementError
from harness.hand.reach import FarHand
from harness.hand.transport import forward_command
from harness.measure.site import Site

FORWARD_S = 15.0


class FarSenders:
    """One Locust worker for each of these hands; a machine that is named twice has two."""

    def __init__(self, hands: Sequence[FarHand], site: Site) -> None:
        self._hands, self._site = hands, site
        self._ports: dict[str, int] = {}  # by trial

    @property
    def count(self) -> int:
        """How many workers there are."""
        return len(self._hands)

    def join(self, trial: str, plan: Mapping[str, Any], port: int) -> None:
        """Start the workers of a trial; the load goes from them to the server, and through ssh what they record."""
        self._ports[trial] = port
        told = {hand: hand.tell_ahead_s() for hand in dict.fromkeys(self._hands)}
        for hand in told:
            self._forward(hand, port)
        for hand in self._hands:
            hand.ask("start_worker", trial=trial, plan={**plan, "ahead_s": told[hand]}, port=port)

    def leave(self, trial: str) -> None:
        """End the workers of a trial, and the way to their master; a hand that is gone has ended its own."""
        if (port := self._ports.pop(trial, None)) is None:
            return
        for hand in dict.fromkeys(self._hands):
            with contextlib.suppress(MeasurementError):
                hand.ask("stop_workers", trial=trial)
            self._forward(hand, port, cancel=True)

    def _forward(self, hand: FarHand, port: int, *, cancel: bool = False) -> None:
        command = forward_command(hand.host, hand.control, port, cancel=cancel)
        ended = subprocess.run(
            command, env=self._site.environment(), capture_output=True, text=True, timeout=FORWARD_S, check=False
        )
        if ended.returncode and not cancel:
            raise MeasurementError(
                f"{hand.host.name} opens no way back for Locust's workers: {ended.stderr.strip()}",
                hint="allow it in its sshd_config: AllowTcpForwarding yes",
            )
