"""Whether something leaves the generators alone that everybody shares."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def global_randomness_untouched() -> Iterator[None]:
    """Fail if the block draws from `random` or `numpy.random`, or seeds them."""
    kept = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        # A state that nobody seeds by chance: seeding with 0 what was seeded with 0 changes nothing.
        random.seed(7_919_104_729)
        np.random.seed(1_299_709)  # noqa: NPY002
        before = _told()
        yield
        assert _told() == before, "it drew from a global generator, or seeded it"
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002


def _told() -> tuple[object, ...]:
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002
    return random.getstate(), name, np.asarray(keys).tobytes(), *rest
