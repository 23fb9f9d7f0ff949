"""A model for release: the method fitted again, on synthetic rows of the fitted model.

All that it holds is a function of these rows, so whoever reads it learns no more of the training rows
than from that many synthetic rows (the data-processing inequality). A fitted model holds the exact
frequencies of leaves of few training rows.
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.synthesizers import CATALOG, RELATED
from artesian.synthesizers.protocol import Model

if TYPE_CHECKING:
    from artesian.synthesizers.relational.relational_trees import RelationalModel

NEUTRAL = {"temperature": 1.0, "privacy": "low"}
"""Settings of the second fit: it may memorise synthetic rows, and samples are tempered only once."""


def release_model(model: Model, rows: int, *, run: Run | None = None) -> Model:
    """The release model of a model of `rows` training rows.

    It is fitted on the first `rows` rows that `model` samples for the seed of `run`, so a sample for
    the same seed adds nothing to what it reveals. More rows reveal more, and with fewer the rows of
    the release model are easier to detect (docs/why.md).

    Raises:
        UsageError: The method is not in the catalog, or is a control that copies rows.
    """
    run = run or Run()
    # The classes of the public interface wrap a model.
    fitted = cast(Any, getattr(model, "model", model))
    name = fitted.settings.capabilities.name
    if name not in CATALOG:
        raise UsageError(
            f"method {name!r} has no release model",
            hint=f"fit one of {', '.join(CATALOG)}",
        )
    if fitted.settings.capabilities.control:
        safe = [other for other in CATALOG if not CATALOG[other].capabilities.control]
        raise UsageError(
            f"method {name!r} copies rows, and so would its release model",
            hint=f"fit one of {', '.join(safe)}",
        )
    settings = CATALOG[name](**dataclasses.asdict(fitted.settings))
    fields = {field.name for field in dataclasses.fields(settings)}
    neutral = replace(settings, **{k: value for k, value in NEUTRAL.items() if k in fields})
    synthetic = replace(fitted, settings=neutral).sample(rows, run=run)
    released = neutral.fit(synthetic, run=run.child("release"))
    # What the second fit memorises of synthetic rows is of no interest to anybody.
    facts = {"memorised": fitted.memorised} if hasattr(fitted, "memorised") else {}
    return cast(Model, replace(released, settings=settings, **facts))


def related_release_model(model: RelationalModel, *, run: Run | None = None) -> RelationalModel:
    """The release model of a model of related tables, fitted on synthetic tables of its own size.

    Tables that are kept remain so.

    Raises:
        UsageError: The method of a table is a control that copies rows.
    """
    run = run or Run()
    for name, method in model.methods().items():
        if method.capabilities.control:
            raise UsageError(
                f"method {method.capabilities.name!r} of the table {name!r} copies rows, and so would "
                "its release model",
                hint="give the table another method",
            )
    kept = tuple(one.name for one in model.plan if one.kept)
    # The settings may be those of the public interface, which wrap the model.
    own = RELATED[model.settings.capabilities.name](**dataclasses.asdict(model.settings))
    neutral = replace(own, privacy="low", keep=kept)
    released = neutral.fit(model.sample(run=run), methods=model.methods(), run=run.child("release"))
    reasons = {one.name: one.kept for one in model.plan}
    fitted: RelationalModel = released.with_reasons(reasons)
    return replace(fitted, settings=model.settings, orphans=model.orphans)
