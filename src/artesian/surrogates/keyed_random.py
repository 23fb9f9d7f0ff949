"""Keyed functions of row numbers: random integers, and permutations of a range.

The value of row i is a function of (key, i), so it does not depend on how many rows one call
generates. Integers are the finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom
number generators, OOPSLA 2014); permutations are Feistel networks with cycle walking (Black, Rogaway:
Ciphers with arbitrary finite domains, CT-RSA 2002). Both are statistically random; neither is
cryptographically secure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.core.run import Seed

Integers = NDArray[np.uint64]
"""64-bit integers, one for each row."""

LARGEST = 1 << 62
"""The largest range that can be permuted."""

_MASK = (1 << 64) - 1
_ROUNDS = 6


def key_of(seed: Seed) -> int:
    """The 64-bit key of a node in the tree of random streams."""
    return seed.integer() & _MASK


def subkey(key: int, *names: int | str) -> int:
    """A derived key: a pure function of `key` and `names`.

    >>> subkey(1, "a") != subkey(1, "b")
    True
    """
    return key_of(Seed(key).child(*names))


def random_integers(numbers: Integers, key: int) -> Integers:
    """A random 64-bit integer for every number."""
    with np.errstate(over="ignore"):
        z = numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key & _MASK)
        z ^= z >> np.uint64(30)
        z *= np.uint64(0xBF58476D1CE4E5B9)
        z ^= z >> np.uint64(27)
        z *= np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return z


def uniform(numbers: Integers, key: int) -> NDArray[np.float64]:
    """A random number in [0, 1) for every number."""
    return np.asarray((random_integers(numbers, key) >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


def below(numbers: Integers, key: int, limit: int) -> NDArray[np.int64]:
    """A random whole number in [0, limit) for every number; `limit` is under 2**53."""
    return (uniform(numbers, key) * limit).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Permutation:
    """A keyed permutation of 0 .. size - 1; `size` is at most 2**62.

    >>> sorted(Permutation(7, 5)(np.arange(5, dtype=np.uint64)).tolist())
    [0, 1, 2, 3, 4]
    """

    key: int
    size: int

    def __call__(self, numbers: Integers) -> Integers:
        """Permute numbers below `size`.

        Raises:
            ValueError: a number is not below `size`; the walk below would never end.
        """
        if numbers.size and numbers.max() >= self.size:
            raise ValueError(f"{numbers.max()} is not below {self.size}")
        half = max(1, (max(self.size - 1, 1).bit_length() + 1) // 2)
        out = self._network(numbers, half)
        outside = np.flatnonzero(out >= np.uint64(self.size))
        while outside.size:  # outside of the range: apply the network again
            out[outside] = self._network(out[outside], half)
            outside = outside[out[outside] >= np.uint64(self.size)]
        return out

    def _network(self, numbers: Integers, half: int) -> Integers:
        mask, shift = np.uint64((1 << half) - 1), np.uint64(half)
        left, right = numbers >> shift, numbers & mask
        for turn in range(_ROUNDS):
            left, right = (
                right,
                left ^ (random_integers(right, self.key + turn * 0xD1B54A32D192ED03) & mask),
            )
        return (left << shift) | right
