"""What is measured again: single trials, and pairs that were lost to an invalid one."""

from collections.abc import Sequence, Set
from dataclasses import replace

from harness.facts.point import Place, Point
from harness.facts.trial import Trial
from harness.plan.blocks import PlannedTrial, Turn
from harness.plan.closed_load import Plan, again

MOST_ATTEMPTS = 3  # of a trial that was too short for its answers
MOST_ROUNDS = 2  # a pair is repeated at most twice; to go on until it fits would choose the result
APART = 300  # a block that is repeated is numbered so many further on: beyond all blocks that are planned


def is_repeat(planned: PlannedTrial) -> bool:
    """Say whether it is measured again: alone, or as a part of a pair that was lost."""
    return planned.attempt > 1 or planned.block > APART


def repetition(
    planned: PlannedTrial, trial: Trial, longest_delay_s: float, *, is_disturbed: bool
) -> PlannedTrial | None:
    """Return a trial to be measured again, else None: longer where the requests took longer than it was made for.

    And once more as it was where other work on the machine disturbed it.
    """
    if not trial.window_ok:
        return None
    wait_s = (trial.latency_mean_ms or 0.0) / 1000
    if not planned.timing.suits(wait_s) or trial.late_users:
        return again(planned, wait_s, longest_delay_s) if planned.attempt < MOST_ATTEMPTS else None
    return replace(planned, attempt=2) if is_disturbed and planned.attempt == 1 else None


def repeats(plan: Plan, trials: Sequence[Trial], longest_delay_s: float) -> Plan:
    """Return blocks with all judged lanes for the pairs that invalid trials have cost; without turns if there are none.

    `trials` are those of the plan and of its repeats so far; ask again when the repeats are measured, until the answer
    stays the same. Both lanes of a pair are measured again, and for as long as the slower one needs: to repeat one
    trial alone would favour it. A block takes the order of the one that it replaces, so the order stays balanced.
    """
    patterns = _patient(plan, trials, longest_delay_s)
    orders = {turn.block: _order(plan, turn.block) for turn in plan.turns}
    again: list[Turn] = []
    for block, order in orders.items():
        for number in range(block + APART, block + APART * MOST_ROUNDS + 1, APART):
            if not _is_lost(number - APART, plan.judged, trials):
                break
            again += [_turn(number, lane, patterns) for lane in order]
    return Plan(tuple(again))


def _turn(block: int, lane: str, patterns: Sequence[PlannedTrial]) -> Turn:
    return Turn(block, lane, tuple(replace(trial, block=block) for trial in patterns if trial.lane == lane))


def _order(plan: Plan, block: int) -> list[str]:
    """Return the judged lanes in the order of a planned block."""
    return [turn.lane for turn in plan.turns if turn.block == block and turn.lane in plan.judged_lanes]


def _is_lost(block: int, places: Set[Place], trials: Sequence[Trial]) -> bool:
    """Say whether a block was measured to its end, and not all of its judged trials are valid."""
    judged = [trial for trial in trials if trial.block == block and trial.place in places]
    valid = {trial.place for trial in judged if trial.status == "valid"}
    return {trial.place for trial in judged} == places != valid


def _patient(plan: Plan, trials: Sequence[Trial], longest_delay_s: float) -> list[PlannedTrial]:
    """Return the trial of each judged place, all of a point with time for the slowest answers that were seen there."""
    planned = {trial.place: trial for trial in plan.trials if trial.place in plan.judged}
    slowest_s: dict[Point, float] = {}
    for trial in trials:
        if trial.place in planned and trial.latency_mean_ms is not None:
            slowest_s[trial.point] = max(slowest_s.get(trial.point, 0.0), trial.latency_mean_ms / 1000)
    hasty = {trial.point for trial in planned.values() if not trial.timing.suits(slowest_s.get(trial.point, 0.0))}
    return [
        replace(again(trial, slowest_s[trial.point], longest_delay_s), attempt=1) if trial.point in hasty else trial
        for trial in planned.values()
    ]
