"""What may go wrong with a call, and which call it goes wrong with; no clock, no state."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from upstream.delays import Endpoint

Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class _Fault(BaseModel):
    """A fault that hits a share (0 to 1) of the calls of one endpoint, or of all (`*`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    endpoint: Endpoint = "*"
    share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

    def concerns(self, endpoint: str) -> bool:
        """Say whether the fault may hit calls of this endpoint."""
        return self.endpoint in ("*", endpoint)


class Error(_Fault):
    """After its delay the call is answered with an error `status`."""

    kind: Literal["error"]
    status: Annotated[int, Field(ge=500, le=599)] = 500


class Garbage(_Fault):
    """After its delay the call is answered 200 with nonsense: no JSON at all, or JSON of another shape."""

    kind: Literal["garbage"]
    body: Literal["not-json", "wrong-shape"] = "not-json"


class Hang(_Fault):
    """The call is never answered; after `cap_s` the connection is reset, unless the caller has gone before."""

    kind: Literal["hang"]
    cap_s: Seconds = 60.0


class Reset(_Fault):
    """After its delay the call's connection is reset (TCP RST), without an answer."""

    kind: Literal["reset"]


class Slow(_Fault):
    """The call waits `extra_s` longer."""

    kind: Literal["slow"]
    extra_s: Seconds


class BrownOut(_Fault):
    """Every call of the endpoint waits `extra_s` longer, and the share of them is answered 503."""

    kind: Literal["brown-out"]
    extra_s: Seconds


Fault = Annotated[Error | Garbage | Hang | Reset | Slow | BrownOut, Field(discriminator="kind")]


class Faults(RootModel[list[Fault]]):
    """The faults in force; a call is hit by at most one, so the shares of an endpoint add up to at most 1."""

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        for endpoint in {fault.endpoint for fault in self.root}:
            total = sum(fault.share for fault in self.root if fault.concerns(endpoint))
            if total > 1 + 1e-9:
                raise ValueError(f"the shares of {endpoint} add up to {total:g}, more than 1")
        return self


def hit(faults: Sequence[Fault], endpoint: str, u: float) -> Fault | None:
    """Return the fault that hits a call which drew `u` in (0, 1): each fault has its own stretch of that interval."""
    reach = 0.0
    for fault in faults:
        if fault.concerns(endpoint):
            reach += fault.share
            if u < reach:
                return fault
    return None


def extra_s(faults: Sequence[Fault], endpoint: str, met: Fault | None) -> float:
    """Return the seconds that faults add to a call's delay: what it met, and every brown-out of its endpoint."""
    brown_outs = sum(fault.extra_s for fault in faults if isinstance(fault, BrownOut) and fault.concerns(endpoint))
    return brown_outs + (met.extra_s if isinstance(met, Slow) else 0.0)
