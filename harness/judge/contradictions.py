"""Rules of validity without a bound: each says what contradicts it in a trial, None where nothing does."""

from harness.judge.rule import Case

EXAMPLES = 3  # of unknown calls that are named


def answered(case: Case) -> str | None:
    """At least one good answer belongs to the window; of overloaded open load it may have been due before."""
    good = case.trial.window_ok if case.trial.load == "closed" else case.trial.throughput_rps
    if good:
        return None
    if case.observed.ok or not case.observed.wrong_answers:
        return "no request was answered in the window"
    worst = case.observed.wrong_answers[0]
    body = f", the first body begins {worst.body!r}" if worst.body else ""
    return f"every answer was wrong: {worst.error} ({worst.count} of {case.observed.failed}){body}"


def counts_agree(case: Case) -> str | None:
    """Each request that was sent is there once, with one outcome."""
    trial, distinct = case.trial, case.observed.distinct_ids
    accounted = trial.ok + trial.failed + trial.censored
    if trial.started == accounted == distinct:
        return None
    return f"{trial.started} requests were sent, {accounted} have an outcome, {distinct} ids are distinct"


def no_worker_lost(case: Case) -> str | None:
    """Every Locust process has handed in what it recorded."""
    lost = case.observed.sent.lost_workers
    return f"{lost} Locust workers were lost, and what they recorded with them" if lost else None


def stub_agrees(case: Case) -> str | None:
    """The stub's calls, by request id, are those that the outcomes require."""
    observed = case.observed
    if not observed.wrong_calls:
        return None
    return f"{observed.wrong_calls} requests with wrong upstream calls: {'; '.join(observed.wrong_examples)}"


def upstream_known(case: Case) -> str | None:
    """The service called nothing that the stub does not answer."""
    if not (unknown := case.observed.watched.unknown_calls):
        return None
    worst = sorted(unknown.items(), key=lambda call: -call[1])[:EXAMPLES]
    called = ", ".join(f"{call} ({times} times)" for call, times in worst)
    return f"the service called what the stub does not answer: {called}; declare it in [upstream.endpoints]"


def setup_succeeded(case: Case) -> str | None:
    """Each setup request of each user was answered as it should be."""
    if not (faults := case.observed.sent.setup_faults):
        return None
    fault, times = max(faults.items(), key=lambda fault: fault[1])
    return f"setup request {fault} ({times} of {sum(faults.values())} that went wrong)"


def identity_proven(case: Case) -> str | None:
    """Every answer names the app that the lane promises."""
    wrong = case.observed.wrong_identity
    return f"{wrong} answers came from another app" if wrong else None


def in_steady_state(case: Case) -> str | None:
    """Every user has been served once, and warm-up and window are long enough for the response time."""
    mean_ms = case.trial.latency_mean_ms
    if case.trial.load == "closed" and mean_ms is not None and not case.observed.timing.suits(mean_ms / 1000):
        return f"not in steady state: the mean response time was {mean_ms / 1000:.2f} s"
    if case.trial.late_users:
        return f"not in steady state: {case.trial.late_users} users had no answer when the window opened"
    return None


def caller_agrees(case: Case) -> str | None:
    """No app saw an answer earlier than the stub says that it sent it."""
    early = case.observed.early_answers
    return f"{early} upstream calls were shorter for the app than for the stub" if early else None


def no_listen_overflow(case: Case) -> str | None:
    """A connection that was turned away comes back after 1, 3 or 7 s and passes for latency."""
    overflows = case.trial.listen_overflows
    return f"a listen queue overflowed {overflows} times" if overflows else None


def clocks_kept(case: Case) -> str | None:
    """No machine's clock was set, or stood still, between the looks before and after the trial."""
    stepped = [wire for wire in case.observed.watched.wires if wire.stepped_s > wire.allowed_s]
    said = ", ".join(f"that of {wire.name} by {wire.stepped_s * 1000:,.1f} ms" for wire in stepped)
    return f"a clock was set while the trial ran: {said}" if stepped else None
