"""The luck of a call: a pure function of seed, stream and request id, so that every lane meets the same.

A request id is `<user>-<k>` (the k-th request of a user, closed load) or `<n>` (the n-th arrival, open load), which is
read as user n mod 64 and k = n div 64. Independent draws would make short trials differ by luck alone (the mean of 60
log-normal delays is off by 17 %), so draws are stratified as in a Latin hypercube (McKay, Beckman, Conover 1979): of
any 64 consecutive users at one k, and of any aligned 64 consecutive k of one user, each falls in another 64th of the
distribution. Users need no alignment because permutations belong to a block of k and not to a block of users.
"""

import random
import re
from functools import lru_cache
from hashlib import blake2b

STRATA = 64

_CLOSED = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")
_OPEN = re.compile(r"[0-9]{1,15}")
_Permutation = tuple[int, ...]


def uniform(seed: int, stream: str, request_id: str) -> float:
    """Return a number in (0, 1), uniform over the ids and independent for each seed and stream.

    An id of another form than those above gets a draw of its own, which belongs to no stratum.
    """
    place = _place(request_id)
    if place is None:
        return _hashed(seed, stream, request_id)
    return (stratum(seed, stream, *place) + _hashed(seed, stream, "{}-{}".format(*place))) / STRATA


def stratum(seed: int, stream: str, user: int, k: int) -> int:
    """Return the stratum (0 to 63) of a user's k-th request."""
    users, ks, values = _permutations(seed, stream, k // STRATA)
    return values[(users[user % STRATA] + ks[k % STRATA]) % STRATA]


def _place(request_id: str) -> tuple[int, int] | None:
    if closed := _CLOSED.fullmatch(request_id):
        return int(closed[1]), int(closed[2])
    if _OPEN.fullmatch(request_id):
        k, user = divmod(int(request_id), STRATA)
        return user, k
    return None


@lru_cache(maxsize=1024)
def _permutations(seed: int, stream: str, block: int) -> tuple[_Permutation, _Permutation, _Permutation]:
    """Return the shuffles of users, of requests and of strata in one block of 64 requests a user."""
    shuffler = random.Random(f"{seed}/{stream}/{block}")

    def shuffled() -> _Permutation:  # by random(), which alone gives the same in every version of Python
        return tuple(sorted(range(STRATA), key=lambda _: shuffler.random()))

    return shuffled(), shuffled(), shuffled()


def _hashed(seed: int, stream: str, text: str) -> float:
    """Return a number in (0, 1); of 32 bits, so that adding a stratum does not round it to an end."""
    digest = blake2b(f"{seed}/{stream}/{text}".encode(errors="surrogatepass"), digest_size=4).digest()
    return (int.from_bytes(digest) + 0.5) / 2**32
