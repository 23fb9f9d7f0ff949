"""The chain of columns: their order, the predictors of each, and the responses that are fitted.

A table of several columns is a product of conditional distributions, one generalized linear model each
(Ibrahim, Lipsitz and Chen 1999, for covariates of mixed kinds). Categories come first, those of most
levels before the others, because they have few predictors then; missing values follow, then numbers.

A category of K levels is K - 1 binary responses: whether the value is a level, given that it is none of
the more frequent ones (continuation-ratio logits; Agresti 2013, "Categorical Data Analysis", section
8.3.2). Their likelihoods factor, so that each is a logistic regression of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artesian.encoding.matrix_codec import MatrixCodec
from artesian.encoding.segments import Floats

SCORE, MASK = -1, -2
"""In place of the level of a category: the response is a number, or whether it is missing."""

MAX_LEVELS = 24
"""Levels of a category that have a response of their own; rarer ones are drawn by their frequencies."""

MAX_SCORE = 4.0
"""Magnitude to which normal scores are clipped as predictors."""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the chain: a category, whether a number is missing, or a number.

    Attributes:
        slot: Position of the column among the slots of the codec.
        kind: 0 for a category, else `SCORE` or `MASK`.
        features: Its columns in `to_features`, which predict later steps.
    """

    slot: int
    kind: int
    features: Integers


@dataclass(frozen=True, slots=True)
class Response:
    """A response of a generalized linear model.

    Attributes:
        slot: Position of its column among the slots of the codec.
        level: Code of the level whose presence is the response, else `SCORE` or `MASK`.
        features: Its predictors, columns of `to_features`.
        rows: Training rows on which it is observed, shape (m,).
        values: The response there, shape (m,): 0 or 1, or a normal score.
    """

    slot: int
    level: int
    features: Integers
    rows: Integers
    values: Floats


def links(codec: MatrixCodec, group: int | None) -> list[Link]:
    """The steps of the chain, the grouping column first.

    Args:
        group: Slot of the grouping column; None without one.
    """
    squares = {score: codec.width + at for at, score in enumerate(codec.scores)}
    categories, masks, scores = [], [], []
    for at, slot in enumerate(codec.slots):
        if slot.indicators is not None:
            own = np.arange(slot.indicators.start + 1, slot.indicators.stop)  # one is the reference
            categories.append(Link(at, 0, own if at != group else own[:0]))
        if slot.mask is not None:
            masks.append(Link(at, MASK, np.array([slot.mask])))
        if slot.score is not None:
            scores.append(Link(at, SCORE, np.array([slot.score, squares[slot.score]])))
    categories.sort(key=lambda link: (link.slot != group, -len(link.features)))
    return [*categories, *masks, *scores]


def to_features(codec: MatrixCodec, matrix: Floats) -> Floats:
    """Predictors of every column, shape (..., width + scores), of a matrix of shape (..., width).

    Indicators and masks as they are; scores, 0 where the number is missing; then the second Hermite
    polynomial of each score, which has mean 0, variance 1 and no correlation with the score.
    """
    present = np.ones_like(matrix)
    for slot in codec.slots:
        if slot.score is not None and slot.mask is not None:
            present[..., slot.score] = 1 - matrix[..., slot.mask]
    scores = list(codec.scores)
    plain = np.clip(matrix * present, -MAX_SCORE, MAX_SCORE)
    squares = (plain[..., scores] ** 2 - 1) / np.sqrt(2) * present[..., scores]
    return np.concatenate([plain, squares], axis=-1)


def responses(
    codec: MatrixCodec, matrix: Floats, group: int | None, max_features: int
) -> list[Response]:
    """The responses of all steps, in the order of the chain.

    Each has the predictors most associated with its column, whole columns at a time.

    Args:
        matrix: Encoded training rows, shape (n, width).
        max_features: Maximum number of predictors of a response.
    """
    features = to_features(codec, matrix)
    centred = features - features.mean(axis=0)
    products = centred.T @ centred + 1e-6 * len(matrix) * np.eye(centred.shape[1])
    chain = links(codec, group)
    modelled: list[Response] = []
    for at, link in enumerate(chain):
        chosen = _predictors(products, chain[:at], link.features, max_features)
        if link.kind == 0:
            # Without predictors and groups, the posterior is a Dirichlet distribution.
            if len(chosen) or (group is not None and link.slot != group):
                modelled += _level_responses(codec, matrix, link, chosen)
            continue
        slot = codec.slots[link.slot]
        rows = np.arange(len(matrix))
        if link.kind == SCORE and slot.mask is not None:
            rows = np.flatnonzero(matrix[:, slot.mask] < 0.5)
        values = matrix[rows, slot.mask if link.kind == MASK else slot.score]
        modelled.append(Response(link.slot, link.kind, chosen, rows, values))
    return modelled


def _level_responses(
    codec: MatrixCodec, matrix: Floats, link: Link, features: Integers
) -> list[Response]:
    """The continuation ratios of a category, from the most frequent level on."""
    indicators = matrix[:, codec.slots[link.slot].indicators]  # (n, levels)
    counts = indicators.sum(axis=0)
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    modelled = []
    rows = np.arange(len(matrix))
    for level in order[:-1][:MAX_LEVELS]:
        values = indicators[rows, level]
        modelled.append(Response(link.slot, int(level), features, rows, values))
        rows = rows[values < 0.5]
    return modelled


def _predictors(
    products: Floats, earlier: list[Link], response: Integers, max_features: int
) -> Integers:
    """Features of the earlier steps that explain most of the variance of `response`.

    Args:
        products: Sums of products of all centred features.
        response: Features of the step that is predicted.
    """
    explained = []
    for link in earlier:
        own = link.features
        if not len(own):
            continue
        cross = products[np.ix_(own, response)]
        fitted = np.linalg.solve(products[np.ix_(own, own)], cross)
        explained.append((float((cross * fitted).sum()), own))
    chosen: list[Integers] = []
    room = max_features
    for _, own in sorted(explained, key=lambda pair: -pair[0]):
        if len(own) <= room:
            chosen.append(own)
            room -= len(own)
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)
