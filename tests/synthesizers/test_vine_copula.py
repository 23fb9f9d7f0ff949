"""The vine copula recovers known pair copulas, and its file is checked before a library reads it."""

import copy
import json

import numpy as np
import polars as pl
import pytest

from artesian.core import fingerprint
from artesian.core.errors import ModelFileError, UsageError
from artesian.core.run import Run
from artesian.synthesizers.conditions import satisfies
from artesian.synthesizers.copulas.gaussian_copula import GaussianCopula
from artesian.synthesizers.copulas.vine import Vine
from artesian.synthesizers.copulas.vine_copula import VINE, VineCopula, _distribution
from artesian.synthesizers.latent import from_arrays
from artesian.synthesizers.protocol import Range
from artesian.synthesizers.store import HEADER, load, save
from artesian.testing.tables import people, table

THETA = 2.0
BELOW = 0.05


def _clayton(rows: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """Uniform pairs of a Clayton copula, by the closed form of its conditional distribution."""
    rng = np.random.default_rng(0)
    u, w = rng.random((2, rows))
    v = (u**-THETA * (w ** (-THETA / (1 + THETA)) - 1) + 1) ** (-1 / THETA)
    return u, v


def _pairs(model, tree: int = 0) -> list[dict]:
    return list(model.vine["pair copulas"][f"tree{tree}"].values())


def _both_low(u: np.ndarray, v: np.ndarray) -> float:
    """P(v is low | u is low): the dependence in the lower tail."""
    return float((v[u < np.quantile(u, BELOW)] < np.quantile(v, BELOW)).mean())


def test_a_tail_that_a_gaussian_copula_misses_comes_back() -> None:
    u, v = _clayton()
    data = table(pl.DataFrame({"u": u.round(6), "v": v.round(6)}))
    model = VineCopula().fit(data, run=Run.from_seed(1))
    (pair,) = _pairs(model)
    assert (pair["fam"], pair["rot"]) == ("Clayton", 0)
    assert pair["par"]["data"] == pytest.approx([THETA], abs=0.1)
    # C(q, q) / q of a Clayton copula.
    expected = (2 * BELOW**-THETA - 1) ** (-1 / THETA) / BELOW
    gauss = GaussianCopula().fit(data, run=Run.from_seed(1))
    low = {}
    for name, each in {"vine": model, "gauss": gauss}.items():
        low[name] = _both_low(*each.sample(20_000, run=Run.from_seed(2)).frame.to_numpy().T)
    assert low["vine"] == pytest.approx(expected, abs=0.05)
    assert low["gauss"] < expected - 0.15


def test_a_discretised_column_has_the_family_and_parameter_of_its_latent_one() -> None:
    u, v = _clayton()
    words = np.array(["a few", "some", "many", "most"])[np.searchsorted([0.2, 0.5, 0.7], v)]
    model = VineCopula(families="one_parameter").fit(
        table(pl.DataFrame({"u": u.round(6), "level": words})), run=Run.from_seed(1)
    )
    (pair,) = _pairs(model)
    assert pair["fam"] == "Clayton"
    assert pair["rot"] in (0, 90, 270)  # the direction of a category is arbitrary
    assert pair["par"]["data"] == pytest.approx([THETA], abs=0.25)


def test_a_number_with_missing_values_has_its_family() -> None:
    u, v = _clayton()
    hidden = pl.Series(np.random.default_rng(1).random(len(u)) < 0.3)
    numbers = pl.Series(v.round(6)).set(hidden, None)
    model = VineCopula(families="one_parameter").fit(
        table(pl.DataFrame({"u": u.round(6), "v": numbers})), run=Run.from_seed(1)
    )
    (pair,) = [pair for pair in _pairs(model) if pair["fam"] != "Independence"]
    assert pair["fam"] == "Clayton"
    assert pair["par"]["data"] == pytest.approx([THETA], abs=0.15)


def test_a_chain_needs_one_tree() -> None:
    rng = np.random.default_rng(0)
    steps = [rng.normal(size=3_000)]
    for _ in range(3):
        steps.append(0.8 * steps[-1] + 0.6 * rng.normal(size=3_000))
    data = table(pl.DataFrame({f"x{j}": x.round(5) for j, x in enumerate(steps)}))
    full = VineCopula(families="one_parameter").fit(data, run=Run.from_seed(1))
    assert [pair["fam"] for pair in _pairs(full)] == ["Gaussian"] * 3
    assert {pair["fam"] for tree in (1, 2) for pair in _pairs(full, tree)} == {"Independence"}
    first = VineCopula(trees=1, families="one_parameter").fit(data, run=Run.from_seed(1))
    own, others = (
        sorted(pair["par"]["data"][0] for pair in _pairs(model)) for model in (first, full)
    )
    assert own == pytest.approx(others)
    assert list(first.vine["pair copulas"]) == ["tree0"]
    rows = first.sample(10_000, run=Run.from_seed(2)).frame.to_numpy()
    for lag in (1, 2, 3):
        assert np.corrcoef(rows[:, 0], rows[:, lag])[0, 1] == pytest.approx(0.8**lag, abs=0.04)


def test_dependence_that_is_not_monotone_comes_back() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=3_000)
    data = table(pl.DataFrame({"x": x.round(5), "y": (x**2 + rng.normal(size=3_000) / 2).round(5)}))
    rows = VineCopula().fit(data, run=Run.from_seed(1)).sample(10_000, run=Run.from_seed(2)).frame
    found = np.corrcoef(rows["x"].abs().to_numpy(), rows["y"].to_numpy())[0, 1]
    assert found > 0.9 * np.corrcoef(np.abs(x), data.frame["y"].to_numpy())[0, 1]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vine") / "model"
    save(VineCopula(trees=2).fit(people(300), run=Run.from_seed(1)), folder)
    return folder


def _first(vine: dict) -> dict:
    return vine["pair copulas"]["tree0"]["pc0"]


EDITS = {
    "no pair": lambda v: v["pair copulas"]["tree0"].pop("pc0"),
    "pairs are a list": lambda v: v.update({"pair copulas": []}),
    "unknown family": lambda v: _first(v).update(fam="Plackett"),
    "family is a list": lambda v: _first(v).update(fam=["Clayton"]),
    "odd rotation": lambda v: _first(v).update(rot=45),
    "parameter out of bounds": lambda v: _first(v).update(
        fam="Clayton", par={"data": [-5.0], "shape": [1, 1]}
    ),
    "parameter is nan": lambda v: _first(v).update(
        fam="Clayton", par={"data": [float("nan")], "shape": [1, 1]}
    ),
    "too few parameters": lambda v: _first(v).update(fam="BB1"),
    "a shape beyond the data": lambda v: _first(v).update(
        fam="TLL", par={"data": [1.0], "shape": [90, 90]}
    ),
    "a shape beyond memory": lambda v: _first(v).update(
        fam="TLL", par={"data": [1.0], "shape": [2**60, 2**60]}
    ),
    "negative density": lambda v: _first(v).update(
        fam="TLL", par={"data": [-1.0] * 16, "shape": [4, 4]}
    ),
    "other types": lambda v: v["var_types"].__setitem__(0, "x"),
    "order twice": lambda v: v["structure"]["order"].__setitem__(0, v["structure"]["order"][1]),
    "index beyond": lambda v: v["structure"]["array"]["data"][0].__setitem__(0, 10**6),
    "joined twice": lambda v: v["structure"]["array"]["data"][1].__setitem__(
        0, v["structure"]["array"]["data"][0][0]
    ),
    "too many trees": lambda v: v["structure"]["array"].update(t=10**9),
    "something more": lambda v: v.update(more=1),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_vine_that_a_stranger_wrote_is_refused(saved, tmp_path, edit) -> None:
    vine = json.loads((saved / VINE).read_text())
    changed = copy.deepcopy(vine)
    edit(changed)
    assert changed != vine
    folder = tmp_path / "model"
    folder.mkdir()
    for path in saved.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / VINE).write_text(json.dumps(changed))
    header = json.loads((folder / HEADER).read_text())
    header["files"][VINE] = fingerprint.hash_file(folder / VINE)
    del header["digest"]
    header["digest"] = fingerprint.hash_json(header)
    (folder / HEADER).write_text(json.dumps(header))
    with pytest.raises(ModelFileError):
        load(folder)


@pytest.mark.parametrize("settings", [{"trees": 0}, {"families": "tawny"}])
def test_settings_that_make_no_vine_are_refused(settings) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        VineCopula(**settings)


def test_numbers_are_independent_given_a_category() -> None:
    # Conditioning on the latent value of the category would leave a correlation of 0.5.
    rng = np.random.default_rng(0)
    group = rng.random(4_000) < 0.5
    x, y = (group * 2.5 + rng.normal(size=4_000) for _ in range(2))
    frame = pl.DataFrame({"x": x.round(5), "y": y.round(5), "group": group})
    rows = VineCopula().fit(table(frame), run=Run.from_seed(1)).sample(8_000, run=Run.from_seed(2))
    for value in (True, False):
        part = rows.frame.filter(pl.col("group") == value)
        assert part["x"].mean() == pytest.approx(2.5 * value, abs=0.25)
        assert abs(np.corrcoef(part["x"].to_numpy(), part["y"].to_numpy())[0, 1]) < 0.1


def _grouped(rows: int = 3_000) -> pl.DataFrame:
    """Two numbers, one of them with missing values, and two categories, one value of which is rare."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, rows))
    y = (0.7 * x + 0.7 * y).round(4)
    rare = rng.random(rows) < np.where(x > 1, 0.05, 0.003)
    words = np.where(rare, "rare", np.where(y + rng.normal(size=rows) > 0, "high", "low"))
    flag = rng.random(rows) < np.where(words == "low", 0.2, 0.7)
    hidden = pl.Series(rng.random(rows) < np.where(flag, 0.2, 0.05))
    return pl.DataFrame(
        {"x": x.round(4), "y": pl.Series(y).set(hidden, None), "word": words, "flag": flag}
    )


@pytest.fixture(scope="module")
def grouped():
    data = table(_grouped())
    return VineCopula(families="one_parameter").fit(data, run=Run.from_seed(1)), data


@pytest.fixture(scope="module")
def every(grouped):
    """Rows without a condition."""
    return grouped[0].sample(40_000, run=Run.from_seed(2)).frame


def test_the_density_of_a_row_does_not_depend_on_the_order_of_the_variables(grouped) -> None:
    model, data = grouped
    variables = from_arrays(model.codec, model.arrays)
    rng = np.random.default_rng(1)
    interval = _distribution(variables, model.codec.encode(data, rng)[:200])
    values = list(zip(*(each.T for each in interval), strict=True))
    nothing = [None] * len(variables)
    rows = ~np.isnan(np.stack([at for at, _ in values])).any(axis=0)
    values = [(at[rows], below[rows]) for at, below in values]
    own = Vine(model.vine).log_densities(values, nothing, rng)
    for first in range(len(variables)):
        vine = Vine(model.vine, first=first)
        assert vine.first == first
        assert vine.log_densities(values, nothing, rng) == pytest.approx(own, abs=1e-6)


@pytest.mark.parametrize(
    "where",
    [{"word": "rare"}, {"y": None}, {"y": Range(1.5, 2.0)}, {"x": Range(-1.0, -0.9)}],
    ids=str,
)
def test_rows_under_a_condition_are_those_that_satisfy_it(grouped, every, where) -> None:
    model, _ = grouped
    admitted = every.filter(satisfies(where))
    rows = model.sample(4_000, where, run=Run.from_seed(3)).frame
    assert len(rows.filter(satisfies(where))) == 4_000
    numbers = {
        name: [f[name].cast(pl.Float64).drop_nulls() for f in (admitted, rows)]
        for name in ("x", "y", "flag")
    }
    numbers["low"] = [(f["word"] == "low").cast(pl.Float64) for f in (admitted, rows)]
    for expected, found in numbers.values():
        if len(expected):
            spread = max(expected.std(), 1e-3)
            error = spread * (1 / len(expected) + 1 / len(found)) ** 0.5
            assert found.mean() == pytest.approx(expected.mean(), abs=4 * error + 0.01)


def test_a_rare_condition_needs_no_more_draws_than_rows(grouped, monkeypatch) -> None:
    model, _ = grouped
    drawn = []
    own = Vine.sample

    def counted(self, uniforms, *rest, **named):
        drawn.append(len(uniforms))
        return own(self, uniforms, *rest, **named)

    monkeypatch.setattr(Vine, "sample", counted)
    rows = model.sample(4_096, {"word": "rare"}, run=Run.from_seed(3))
    assert set(rows.frame["word"]) == {"rare"}
    assert sum(drawn) < 2 * 4_096
