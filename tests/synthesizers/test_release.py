"""The release model: like the model it was made from, a function of synthetic rows alone."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.synthesizers import CATALOG
from artesian.synthesizers.marginals import Marginals
from artesian.synthesizers.release import release_model
from artesian.synthesizers.sequential.trees import Trees
from artesian.testing.tables import purchases, table


def related(rows=1500, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    kind = np.where(x + 0.5 * rng.normal(size=rows) > 0, "high", "low")
    return table(pl.DataFrame({"x": x, "y": 2 * x + 0.3 * rng.normal(size=rows), "kind": kind}))


@pytest.mark.parametrize("method", ["trees", "boosted", "marginals"])
def test_a_release_model_has_the_settings_and_the_distributions_of_the_model(method):
    data = related()
    model = CATALOG[method]().fit(data, run=Run.from_seed(0))
    released = release_model(model, len(data), run=Run.from_seed(0))
    assert released.settings == model.settings
    assert released.schema == model.schema
    first, second = (m.sample(6000, run=Run.from_seed(1)).frame for m in (model, released))
    for name in ("x", "y"):
        assert second[name].mean() == pytest.approx(first[name].mean(), abs=0.1)
        assert second[name].std() == pytest.approx(first[name].std(), rel=0.06)
    correlations = [frame.select(pl.corr("x", "y")).item() for frame in (first, second)]
    assert correlations[1] == pytest.approx(correlations[0], abs=0.02)


def test_a_release_model_is_a_function_of_the_rows_that_the_model_samples():
    data = related()
    model = Trees().fit(data, run=Run.from_seed(0))
    released = release_model(model, len(data), run=Run.from_seed(3))
    rows = model.sample(len(data), run=Run.from_seed(3))
    again = Trees(privacy="low").fit(rows, run=Run.from_seed(3).child("release"))
    samples = [m.sample(500, run=Run.from_seed(1)).frame for m in (released, again)]
    assert samples[0].equals(samples[1])


def test_samples_of_a_tempered_model_are_tempered_once():
    data = related()
    sharp, plain = (Trees(temperature=t).fit(data) for t in (0.5, 1.0))
    expected = sharp.sample(4000, run=Run.from_seed(1)).frame["kind"]
    released = release_model(sharp, len(data))
    assert released.settings.temperature == 0.5
    made = released.sample(4000, run=Run.from_seed(1)).frame
    assert (made["kind"] == "high").mean() == pytest.approx((expected == "high").mean(), abs=0.05)
    likelihoods = [
        sum(m.log_likelihood(data).values()) for m in (released, release_model(plain, len(data)))
    ]
    assert likelihoods[0] == pytest.approx(likelihoods[1], abs=1e-9)


def test_a_release_model_states_what_the_model_memorises_of_the_training_rows():
    data = related()
    model = Trees().fit(data)
    assert release_model(model, len(data)).facts()["memorised"] == model.facts()["memorised"]


def test_only_methods_of_the_catalog_have_a_release_model():
    model = Marginals().fit(purchases())

    class Other(Marginals):
        capabilities = replace(Marginals.capabilities, name="other")

    with pytest.raises(UsageError, match="'other' has no release model"):
        release_model(replace(model, settings=Other()), 10)


def test_a_release_model_is_made_from_python_and_samples_the_type_of_the_source(tmp_path):
    frame = related(400).frame.to_pandas()
    model = ar.Trees().fit(frame).for_release(len(frame))
    rows = model.sample(10)
    assert type(rows) is type(frame)
    ar.save(model, tmp_path / "model")
    loaded = ar.load(tmp_path / "model").sample(10)
    assert loaded.to_pandas().equals(rows)


@pytest.mark.parametrize("method", ["trees", "boosted", "marginals"])
def test_log_densities_of_training_rows_are_those_of_the_likelihood(method):
    data = related(600)
    model = CATALOG[method]().fit(data, run=Run.from_seed(0))
    other = CATALOG[method]().fit_encoded(related(300, seed=5), model.codec)
    own, reference = (m.log_densities(data, run=Run.from_seed(1)) for m in (model, other))
    assert own.shape == reference.shape
    assert own.shape[1] == len(data)
    assert np.isfinite(own).all()
    if method == "trees":
        expected = sum(model.log_likelihood(data, run=Run.from_seed(1)).values())
        assert own.sum(axis=0).mean() == pytest.approx(expected, abs=0.1)
