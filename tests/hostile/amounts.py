"""How much chance gets: a bounded amount in CI, all of it in `make test-explore`."""

import os


def amount(bounded: int, whole: int) -> int:
    """`whole` if tests explore, else `bounded`."""
    return whole if os.environ.get("HYPOTHESIS_PROFILE") == "explore" else bounded
