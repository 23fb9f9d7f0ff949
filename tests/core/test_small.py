"""Errors, catalogs, extras and fingerprints."""

import hashlib
import json

import pytest

from artesian.core import errors, fingerprint
from artesian.core.catalog import Catalog
from artesian.core.errors import (
    ArtesianError,
    Cancelled,
    MissingExtra,
    PolicyRefused,
    UsageError,
    did_you_mean,
)
from artesian.core.extras import require


def test_an_error_has_problem_and_hint_in_two_lines():
    error = ArtesianError("the file 'a.csv' is empty", hint="give another")
    assert str(error).splitlines() == ["the file 'a.csv' is empty", "hint: give another"]
    assert str(ArtesianError("no hint")) == "no hint"


def test_every_error_has_its_documented_exit_code():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    kinds = [kind for kind in kinds if issubclass(kind, ArtesianError)]
    assert len(kinds) == 11
    special = {UsageError: 2, PolicyRefused: 3, Cancelled: 130}
    assert {kind: kind.exit_code for kind in kinds} == {k: special.get(k, 1) for k in kinds}


def test_errors_are_also_what_python_would_have_raised():
    assert issubclass(errors.DataError, ValueError)
    assert issubclass(errors.OutputError, OSError)
    assert issubclass(MissingExtra, ImportError)


@pytest.mark.parametrize(
    ("name", "available", "hint"),
    [
        ("ag", ["age", "sex"], "did you mean 'age'?"),
        ("SEX", ["age", "sex"], "did you mean 'sex'?"),
        ("zzz", ["age", "sex"], "there are: 'age', 'sex'"),
        ("zzz", [], "there are none"),
        ("zzz", [f"c{i}" for i in range(20)], "and 8 more"),
    ],
)
def test_a_hint_names_what_was_meant(name, available, hint):
    assert hint in did_you_mean(name, available)


def test_a_catalog_imports_what_is_asked_for_and_names_what_was_meant():
    catalog = Catalog("reader", {"json": "json:loads", "nowhere": "no_such_module:thing"})
    assert catalog["json"] is json.loads
    assert list(catalog) == ["json", "nowhere"]
    assert len(catalog) == 2
    assert "nowhere" in catalog, "asking whether a name is there imports nothing"
    assert "xml" not in catalog
    with pytest.raises(UsageError, match=r"no reader 'jsn'[\s\S]*did you mean 'json'"):
        catalog["jsn"]


def test_an_absent_extra_is_named_with_its_install_line():
    assert require("json", extra="none", purpose="reading") is json
    with pytest.raises(MissingExtra, match="drawing needs 'no_such_module'") as caught:
        require("no_such_module.inner", extra="charts", purpose="drawing")
    assert caught.value.hint == "pip install 'artesian[charts]'"


@pytest.mark.parametrize("data", [b"", b"abc", bytes(300_000)], ids=len)
def test_a_files_fingerprint_is_its_sha256(data, tmp_path):
    (tmp_path / "file").write_bytes(data)
    assert fingerprint.hash_file(tmp_path / "file") == hashlib.sha256(data).hexdigest()


def test_the_fingerprint_of_json_does_not_depend_on_order():
    assert fingerprint.hash_json({"a": 1, "b": [1, 2]}) == fingerprint.hash_json(
        {"b": [1, 2], "a": 1}
    )
    assert fingerprint.hash_json({"a": 1}) != fingerprint.hash_json({"a": 2})
    assert fingerprint.hash_json([1, 2]) != fingerprint.hash_json([2, 1])
