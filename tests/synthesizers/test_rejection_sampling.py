"""Conditions by rejection: exact, distributed as the accepted candidates are, refused when too rare."""

import numpy as np
import polars as pl
import pytest

from artesian.core.errors import ConditionError, SchemaError
from artesian.core.run import Run
from artesian.encoding.matrix_codec import MatrixCodec
from artesian.synthesizers.matrix_sampling import matrix_sampler
from artesian.synthesizers.protocol import Range
from artesian.synthesizers.rejection_sampling import MAX_BATCH, MAX_CANDIDATES, rejection_sample
from artesian.synthesizers.table_sampling import table_sampler
from artesian.testing.tables import purchases, table


def accepted(probability, rows=2000, seed=0):
    """Accepted candidates with their value, where `probability` accepts a value in [0, 1)."""
    rng, sizes = np.random.default_rng(seed), []

    def draw(count):
        sizes.append(count)
        values = rng.random(count)
        return values, probability(values)

    batches = rejection_sample(draw, lambda values, at: values[at], rows, rng)
    return np.concatenate(batches), sizes


@pytest.mark.parametrize("rate", [1.0, 0.5, 0.01])
def test_as_many_rows_as_asked_for_are_accepted(rate):
    values, sizes = accepted(lambda v: (v < rate).astype(float))
    assert len(values) == 2000
    assert (values < rate).all()
    assert max(sizes) <= MAX_BATCH * 2000
    assert sum(sizes) < 2.5 * 2000 / rate + 2000, "few candidates are wasted"


def test_candidates_are_accepted_in_proportion():
    values, _ = accepted(lambda v: v, rows=20_000)
    # A density in proportion to v: mean 2/3, quantile sqrt(q).
    assert values.mean() == pytest.approx(2 / 3, abs=0.01)
    assert np.quantile(values, 0.25) == pytest.approx(0.5, abs=0.015)


@pytest.mark.parametrize("rate", [0.0, 1e-5])
def test_too_small_an_acceptance_rate_is_refused_with_its_figures(rate):
    with pytest.raises(ConditionError, match="of 34,000") as caught:
        accepted(lambda v: (v < rate).astype(float))
    assert "widen" in caught.value.hint
    assert MAX_CANDIDATES == 1000


SPEND = table(pl.DataFrame(schema={"spend": pl.Float64, "visits": pl.Int64, "plan": pl.String}))


def draw(rng, rows):
    visits = rng.poisson(3, rows)
    frame = pl.DataFrame(
        {
            "spend": visits + rng.normal(size=rows),
            "visits": pl.Series(visits).set(pl.Series(rng.random(rows) < 0.1), None),
            "plan": np.where(visits > 3, "gold", "basic"),
        }
    )
    return SPEND.with_frame(frame)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        (None, pl.lit(True)),
        ({}, pl.lit(True)),
        ({"plan": "gold"}, pl.col("plan") == "gold"),
        ({"plan": "gold", "visits": [5, None]}, pl.col("visits").fill_null(5) == 5),
        ({"spend": Range(1, 2)}, pl.col("spend").is_between(1, 2)),
        ({"visits": Range(4, None)}, pl.col("visits") >= 4),
        ({"visits": None}, pl.col("visits").is_null()),
    ],
)
def test_a_method_that_draws_tables_satisfies_conditions(where, holds):
    sampler = table_sampler(draw, SPEND, where)
    rows = sampler.sample(5000, Run.from_seed(1)).frame
    assert rows.height == 5000
    assert rows.select(holds.fill_null(False).all()).item()
    assert sampler.sample(10, Run.from_seed(1)).frame.equals(rows.head(10))


def test_the_other_columns_are_those_of_the_accepted_rows():
    rows = table_sampler(draw, SPEND, {"plan": "gold"}).sample(20_000).frame
    reference = draw(np.random.default_rng(7), 200_000).frame.filter(pl.col("plan") == "gold")
    assert rows["spend"].mean() == pytest.approx(reference["spend"].mean(), abs=0.05)


@pytest.mark.parametrize(
    ("where", "error", "problem"),
    [
        ({"plam": "gold"}, SchemaError, "no column 'plam'"),
        ({"plan": "silver"}, ConditionError, "only 0 of"),
        ({"spend": 2.0}, ConditionError, "only 0 of"),
        ({"spend": "much"}, ConditionError, "'much'"),
        ({"plan": Range("a", "b")}, ConditionError, "plan: a range"),
    ],
)
def test_what_cannot_be_satisfied_is_refused(where, error, problem):
    with pytest.raises(error, match=problem) as caught:
        table_sampler(draw, SPEND, where).sample(1)
    assert caught.value.hint


@pytest.fixture(scope="module")
def codec():
    return MatrixCodec.from_data(purchases())


def draw_matrix(codec, north):
    """Independent columns with P(north) as given."""

    def draw_rows(rng, rows):
        matrix = np.full((rows, codec.width), 0.5)
        matrix[:, list(codec.scores)] = rng.normal(size=(rows, len(codec.scores)))
        region = codec.slots[codec.codec.names.index("region")].indicators
        matrix[:, region] = [north, 1 - north]
        return matrix

    return draw_rows


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({"region": "north"}, pl.col("region") == "north"),
        ({"spent": Range(9, 11), "buys": False}, pl.col("spent").is_between(9, 11)),
        ({"noise": [0.25, 0.75]}, pl.col("noise").is_in([0.25, 0.75])),
    ],
)
def test_a_method_that_draws_matrices_satisfies_conditions(codec, where, holds):
    rows = matrix_sampler(codec, draw_matrix(codec, 0.1), where).sample(1000).frame
    assert rows.height == 1000
    assert rows.select(holds.all()).item()


def test_one_value_of_a_continuous_column_accepts_the_bin_around_it(codec):
    """The other columns are those of the accepted candidates, each in one row."""
    where = {"spent": purchases().frame["spent"][0]}
    rows = matrix_sampler(codec, draw_matrix(codec, 0.1), where).sample(4000).frame
    assert set(rows["spent"]) == set(where.values())
    assert rows["noise"].n_unique() == 4000
    assert (rows["region"] == "north").mean() == pytest.approx(0.1, abs=0.02)


def test_what_a_matrix_method_never_draws_is_refused_while_sampling(codec):
    sampler = matrix_sampler(codec, draw_matrix(codec, 0.0), {"region": "north"})
    with pytest.raises(ConditionError, match=r"north.*only 0 of") as caught:
        sampler.sample(1)
    assert caught.value.hint


def test_a_condition_that_no_row_satisfies_is_given_up_soon():
    drawn = []

    def draw(count):
        drawn.append(count)
        return np.zeros(count), np.zeros(count)

    with pytest.raises(ConditionError, match="only 0 of"):
        rejection_sample(draw, lambda rows, at: rows[at], 1000, np.random.default_rng(0))
    assert sum(drawn) < 60 * 1000


def test_a_rare_but_possible_condition_is_satisfied():
    def draw(count):
        return np.zeros(count), np.full(count, 1 / 300)

    batches = rejection_sample(draw, lambda rows, at: rows[at], 500, np.random.default_rng(0))
    assert sum(map(len, batches)) == 500
