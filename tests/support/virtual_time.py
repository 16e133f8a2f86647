"""An event loop whose clock jumps: nothing is waited for, so what a program takes is exactly the sum of its waits."""

import asyncio
import selectors


class _Jump(selectors.SelectSelector):
    """Moves the time on where another selector would wait."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now_s += timeout or 0.0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that begins at 0 s and takes no real time; a call that blocks does not move its clock."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now_s
