"""The example notebook runs as it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / "examples" / "my_domain.ipynb"


def test_the_notebook_answers_its_question() -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # our own file
    low, high = names["dates"].interval(0.8)
    assert 2026 < low < names["dates"].median < high < 2045
    assert names["unmet"].min() >= 0
