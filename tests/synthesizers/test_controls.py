"""The controls copy, as they are there to do, and are never chosen without being named."""

import numpy as np
import polars as pl
import pytest

from artesian.core.errors import UsageError
from artesian.core.run import Run
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.runs.resolve import resolve_method
from artesian.synthesizers import CATALOG
from artesian.synthesizers.controls.bootstrap import Bootstrap
from artesian.synthesizers.controls.smote import Smote, nearest_rows
from artesian.synthesizers.release import release_model
from artesian.testing.tables import few_values, people, purchases, table

CONTROLS = ("bootstrap", "smote")


def test_controls_say_that_they_are() -> None:
    assert tuple(name for name in CATALOG if CATALOG[name].capabilities.control) == CONTROLS
    for name in CONTROLS:
        assert "as sensitive as" in CATALOG[name].capabilities.description


@pytest.mark.parametrize("rows", [1, 300, 20_000])
@pytest.mark.parametrize("columns", [1, 8, 200])
def test_auto_never_chooses_a_control(rows: int, columns: int) -> None:
    frame = pl.select(pl.repeat(0, rows, dtype=pl.Int8).alias(f"c{j}") for j in range(columns))
    chosen, _ = resolve_method("auto", {}, table(frame))
    assert not chosen.capabilities.control


def test_every_row_of_a_bootstrap_is_a_training_row_in_its_proportion() -> None:
    data = few_values(400)
    rows = Bootstrap().fit(data, run=Run.from_seed(1)).sample(20_000, run=Run.from_seed(2)).frame
    real, drawn = (
        dict(zip(*(part.to_list() for part in counted), strict=True))
        for frame in (data.frame, rows)
        for counted in [
            frame.group_by(pl.all())
            .agg((pl.len() / len(frame)).alias("fraction"))
            .select(pl.struct(pl.exclude("fraction")).map_elements(str, pl.String), "fraction")
        ]
    )
    assert set(drawn) == set(real)
    for row, fraction in real.items():
        assert drawn[row] == pytest.approx(fraction, abs=0.015)


def test_smote_lies_on_the_line_between_neighbours() -> None:
    data = people(300)
    model = Smote().fit(data, run=Run.from_seed(1))
    known, near = model.arrays["rows"], model.arrays["neighbours"]
    scores = list(model.codec.scores)
    full = [
        slot.score for slot in model.codec.slots if slot.score is not None and slot.mask is None
    ]
    for drawn in model.draw(np.random.default_rng(0), 8):
        found = False
        for one in range(len(known)):
            a, b = known[one][full], known[near[one]][:, full]
            along = (drawn[full][0] - a[0]) / (b[:, 0] - a[0])
            off = np.abs(a + along[:, None] * (b - a) - drawn[full]).max(axis=1)
            found |= bool((off < 1e-6).any())
        assert found
    assert len(scores) >= len(full) > 2


def test_rare_categories_and_missing_values_keep_their_frequency() -> None:
    data = people(2_000)
    rows = Smote().fit(data, run=Run.from_seed(1)).sample(10_000, run=Run.from_seed(2)).frame
    for what in (pl.col("city") == "Lima", pl.col("rating").is_null(), pl.col("member")):
        real, drawn = (float(frame.select(what.mean()).item()) for frame in (data.frame, rows))
        assert drawn == pytest.approx(real, abs=0.025)


def test_the_nearest_rows_are_those_of_all_distances() -> None:
    data = purchases(200)
    codec = MatrixCodec.from_data(data)
    rows = codec.encode(data, np.random.default_rng(0))
    points = rows.copy()
    for group in codec.indicators:
        points[:, group] /= np.sqrt(2)
    distance = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    expected = np.sort(distance, axis=1)[:, :5]
    found = np.take_along_axis(distance, nearest_rows(codec, rows, 5), axis=1)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_has_no_release_model(name: str) -> None:
    model = CATALOG[name]().fit(few_values(100), run=Run.from_seed(1))
    with pytest.raises(UsageError, match=f"'{name}' copies rows"):
        release_model(model, 100)


def test_no_neighbour_is_refused() -> None:
    with pytest.raises(UsageError, match="neighbours"):
        Smote(neighbours=0)
