"""What `where` means in shares of codes."""

import numpy as np
import polars as pl
import pytest

import artesian as ar
from artesian.core.errors import ConditionError, SchemaError
from artesian.encoding.table_codec import TableCodec
from artesian.synthesizers.conditions import code_conditions
from artesian.synthesizers.protocol import Range
from artesian.testing.tables import people


@pytest.fixture(scope="module")
def codec():
    return TableCodec.from_data(people(2000))


@pytest.mark.parametrize("where", [None, {}])
def test_no_condition_is_none(codec, where):
    assert not code_conditions(codec, where)


def test_the_weights_say_how_much_of_a_code_is_admitted(codec):
    found = code_conditions(codec, {"plan": "gold", "age": Range(30, 39), "rating": [None, 4]})
    assert list(found) == ["plan", "age", "rating"]
    for name, condition in found.items():
        assert len(condition.weights) == codec.coded[name].levels
        assert 0 < condition.weights.sum() < len(condition.weights)
    assert sorted(found["plan"].weights) == [0, 1]
    assert found["age"].weights.sum() == pytest.approx(10, abs=0.01)
    assert np.flatnonzero(found["rating"].weights).tolist() == [3, 5]


@pytest.mark.parametrize("listed", [["gold"], ("gold",), {"gold"}, "gold"])
def test_one_value_may_be_listed_in_any_way(codec, listed):
    assert code_conditions(codec, {"plan": listed})["plan"].weights.sum() == 1


@pytest.mark.parametrize(
    ("where", "error", "said"),
    [
        ({"plam": "gold"}, SchemaError, "did you mean 'plan'"),
        ({"id": 1000}, ConditionError, "'id' has generated values"),
        ({"plan": Range("a", "b")}, ConditionError, "plan: a range needs a number"),
        ({"plan": "silver"}, ConditionError, "plan: the model gives no value 'silver'"),
        ({"plan": []}, ConditionError, "plan"),
        ({"plan": None}, ConditionError, "plan"),
        ({"age": []}, ConditionError, "age"),
        ({"age": None}, ConditionError, "age"),
        ({"age": Range(200, 300)}, ConditionError, "age: the model has no values between"),
        ({"age": "old"}, ConditionError, "age: 'old' is not a value of type Int64"),
    ],
)
def test_a_condition_that_cannot_be_met_names_its_column(codec, where, error, said):
    with pytest.raises(error) as caught:
        code_conditions(codec, where)
    assert said in str(caught.value)
    assert caught.value.hint


def test_conditions_that_contradict_a_relation_are_refused_at_once():
    region = np.random.default_rng(0).choice(["north", "south"], 400)
    frame = pl.DataFrame({"region": region, "buys": region == "north", "x": np.arange(400) % 7})
    for model in (ar.Trees().fit(frame), ar.Marginals().fit(frame)):
        with pytest.raises(ConditionError, match=r"no row has .*holds in the data"):
            model.sample(10, where={"region": "south", "buys": True})
        made = model.sample(10, where={"region": ["north", "south"], "buys": True})
        assert made["region"].to_list() == ["north"] * 10
        assert len(model.sample(10, where={"region": "south", "buys": False})) == 10
