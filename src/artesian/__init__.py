"""Artesian: keep models supplied with training data.

>>> import artesian as ar
>>> made = ar.synth("people.csv", seed=7)  # doctest: +SKIP
>>> made.data, made.scorecard, made.model  # doctest: +SKIP

Names are imported when they are first used, so that `import artesian` is fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from artesian.core.version import VERSION as __version__

if TYPE_CHECKING:
    from artesian.api.augmentation import Augmentation as Augmentation
    from artesian.api.augmentation import augment as augment
    from artesian.api.collapse import lab as lab
    from artesian.api.collapse import stress as stress
    from artesian.api.evaluation import benchmark as benchmark
    from artesian.api.evaluation import canaries as canaries
    from artesian.api.evaluation import compare as compare
    from artesian.api.forecasting import forecast as forecast
    from artesian.api.imputation import Imputation as Imputation
    from artesian.api.imputation import impute as impute
    from artesian.api.related import RelatedSynthesis as RelatedSynthesis
    from artesian.api.related import synth_related as synth_related
    from artesian.api.scoring import score as score
    from artesian.api.synthesis import Synthesis as Synthesis
    from artesian.api.synthesis import load as load
    from artesian.api.synthesis import save as save
    from artesian.api.synthesis import synth as synth
    from artesian.core.errors import ArtesianError as ArtesianError
    from artesian.core.run import Run as Run
    from artesian.data.dataset import Dataset as Dataset
    from artesian.data.read import read as read
    from artesian.data.read import read_dataset as read_dataset
    from artesian.data.schema import Column as Column
    from artesian.data.schema import ForeignKey as ForeignKey
    from artesian.data.schema import Kind as Kind
    from artesian.data.schema import Schema as Schema
    from artesian.data.table import Table as Table
    from artesian.estimators import Boosted as Boosted
    from artesian.estimators import FittedModel as FittedModel
    from artesian.estimators import Marginals as Marginals
    from artesian.estimators import RelatedModel as RelatedModel
    from artesian.estimators import RelationalTrees as RelationalTrees
    from artesian.estimators import Trees as Trees
    from artesian.forecasting.inputs.distributions import Beta as Beta
    from artesian.forecasting.inputs.distributions import LogNormal as LogNormal
    from artesian.forecasting.inputs.distributions import Normal as Normal
    from artesian.forecasting.inputs.distributions import Uniform as Uniform
    from artesian.forecasting.inputs.mixture import Mixture as Mixture
    from artesian.forecasting.model.corpus import Corpus as Corpus
    from artesian.forecasting.scenario import Scenario as Scenario
    from artesian.metrics import CATALOG as METRICS
    from artesian.metrics.protocol import Comparison as Comparison
    from artesian.metrics.protocol import Result as Result
    from artesian.synthesizers import CATALOG as SYNTHESIZERS
    from artesian.synthesizers.protocol import Range as Range


_PLACES = {
    "ArtesianError": "artesian.core.errors",
    "Augmentation": "artesian.api.augmentation",
    "Beta": "artesian.forecasting.inputs.distributions",
    "Boosted": "artesian.estimators",
    "Column": "artesian.data.schema",
    "Comparison": "artesian.metrics.protocol",
    "Corpus": "artesian.forecasting.model.corpus",
    "Dataset": "artesian.data.dataset",
    "FittedModel": "artesian.estimators",
    "ForeignKey": "artesian.data.schema",
    "Imputation": "artesian.api.imputation",
    "Kind": "artesian.data.schema",
    "LogNormal": "artesian.forecasting.inputs.distributions",
    "METRICS": "artesian.metrics:CATALOG",
    "Marginals": "artesian.estimators",
    "Mixture": "artesian.forecasting.inputs.mixture",
    "Normal": "artesian.forecasting.inputs.distributions",
    "Range": "artesian.synthesizers.protocol",
    "RelatedModel": "artesian.estimators",
    "RelatedSynthesis": "artesian.api.related",
    "RelationalTrees": "artesian.estimators",
    "Result": "artesian.metrics.protocol",
    "Run": "artesian.core.run",
    "SYNTHESIZERS": "artesian.synthesizers:CATALOG",
    "Scenario": "artesian.forecasting.scenario",
    "Schema": "artesian.data.schema",
    "Synthesis": "artesian.api.synthesis",
    "Table": "artesian.data.table",
    "Trees": "artesian.estimators",
    "Uniform": "artesian.forecasting.inputs.distributions",
    "augment": "artesian.api.augmentation",
    "benchmark": "artesian.api.evaluation",
    "canaries": "artesian.api.evaluation",
    "compare": "artesian.api.evaluation",
    "forecast": "artesian.api.forecasting",
    "impute": "artesian.api.imputation",
    "lab": "artesian.api.collapse",
    "load": "artesian.api.synthesis",
    "read": "artesian.data.read",
    "read_dataset": "artesian.data.read",
    "save": "artesian.api.synthesis",
    "score": "artesian.api.scoring",
    "stress": "artesian.api.collapse",
    "synth": "artesian.api.synthesis",
    "synth_related": "artesian.api.related",
}

__all__ = [
    "METRICS",
    "SYNTHESIZERS",
    "ArtesianError",
    "Augmentation",
    "Beta",
    "Boosted",
    "Column",
    "Comparison",
    "Corpus",
    "Dataset",
    "FittedModel",
    "ForeignKey",
    "Imputation",
    "Kind",
    "LogNormal",
    "Marginals",
    "Mixture",
    "Normal",
    "Range",
    "RelatedModel",
    "RelatedSynthesis",
    "RelationalTrees",
    "Result",
    "Run",
    "Scenario",
    "Schema",
    "Synthesis",
    "Table",
    "Trees",
    "Uniform",
    "__version__",
    "augment",
    "benchmark",
    "canaries",
    "compare",
    "forecast",
    "impute",
    "lab",
    "load",
    "read",
    "read_dataset",
    "save",
    "score",
    "stress",
    "synth",
    "synth_related",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'artesian' has no attribute {name!r}")
    module, _, attribute = _PLACES[name].partition(":")
    value = getattr(importlib.import_module(module), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
