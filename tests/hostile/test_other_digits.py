"""Digits of other scripts, which count as digits for regular expressions, and not for casts."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import artesian as ar

ASCII = "0123456789"
SCRIPTS = {
    "Arabic-Indic": "٠١٢٣٤٥٦٧٨٩",
    "Devanagari": "०१२३४५६७८९",
    "fullwidth": "０１２３４５６７８９",
}


def orders(rows: int) -> dict[str, list[str]]:
    """Columns of texts with numbers: codes that count up, keys of two columns, dates, amounts."""
    rng = np.random.default_rng(1)
    shop = rng.integers(10, 14, rows)
    return {
        "order": [f"AB-{2024 + k // 40}-{k % 40 + 1:04d}" for k in range(rows)],
        "shop": [f"{s}" for s in shop],
        "invoice": [f"{s}{k + 1:03d}" for k, s in enumerate(shop)],
        "customer": [f"C{c:05d}" for c in rng.integers(1, 60, rows)],
        "at": [f"{h:02d}{m:02d}" for h, m in rng.integers(0, [24, 60], (rows, 2))],
        "day": [f"2024-{m:02d}-{d:02d}" for m, d in rng.integers(1, [13, 29], (rows, 2))],
        "takes": [f"{h}h {m}m" for h, m in rng.integers(0, [4, 60], (rows, 2))],
        "amount": [f"{a:,.2f} EUR" for a in rng.lognormal(6, 1, rows)],
        "phone": [f"+49 30 {n}" for n in rng.integers(10**6, 10**7, rows)],
        "number": [str(n) for n in rng.integers(1, 10**6, rows)],
    }


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("rows", [30, 200])
def test_every_column_with_other_digits(script: str, rows: int) -> None:
    other = str.maketrans(ASCII, SCRIPTS[script])
    columns = {name: [v.translate(other) for v in values] for name, values in orders(rows).items()}
    run = ar.synth(pl.DataFrame(columns), method="marginals", metrics=("ks", "identifier_copied"))
    assert run.data.columns == list(columns)
    assert len(run.data) > 0


def test_some_values_with_other_digits() -> None:
    rows = 60
    other = str.maketrans(ASCII, SCRIPTS["Arabic-Indic"])
    columns = {
        name: [v.translate(other) if k % 7 == 0 else v for k, v in enumerate(values)]
        for name, values in orders(rows).items()
    }
    run = ar.synth(pl.DataFrame(columns), method="marginals", metrics=("ks", "identifier_copied"))
    assert len(run.data) > 0
