"""Check that code does not use the global random generators."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def global_randomness_untouched() -> Iterator[None]:
    """Fail if the block draws from `random` or `numpy.random`, or seeds them."""
    state = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        # Unusual seeds: code that seeds with 0 would not change a generator that was seeded with 0.
        random.seed(7_919_104_729)
        np.random.seed(1_299_709)  # noqa: NPY002
        before = _states()
        yield
        assert _states() == before, "it drew from a global generator, or seeded it"
    finally:
        random.setstate(state[0])
        np.random.set_state(state[1])  # noqa: NPY002


def _states() -> tuple[object, ...]:
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002
    return random.getstate(), name, np.asarray(keys).tobytes(), *rest
