"""k-anonymity, l-diversity and t-closeness by the `pycanon` package, for the fixed tables.

    python benchmarks/references/pycanon.py     # in an environment with pycanon.txt

Writes tests/reference/pycanon.json, which the tests compare ours with.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.remove(str(HERE))  # this file has the package's name

OUT = HERE.parents[1] / "tests" / "reference"
KNOWN = {"sex": ["sex"], "sex and race": ["sex", "race"], "three": ["sex", "race", "education"]}
SENSITIVE = ["income", "marital_status", "hours_per_week"]

if __name__ == "__main__":
    import pandas as pd
    from pycanon import anonymity

    told = {"library": f"pycanon {version('pycanon')}", "known": KNOWN, "sensitive": SENSITIVE}
    for side in ("synthetic", "holdout"):
        frame = pd.read_csv(OUT / f"adult_{side}.csv", keep_default_na=False)
        told[side] = {
            name: {
                "k": int(anonymity.k_anonymity(frame, known)),
                "l": {s: int(anonymity.l_diversity(frame, known, [s])) for s in SENSITIVE},
                "t": {s: float(anonymity.t_closeness(frame, known, [s])) for s in SENSITIVE},
            }
            for name, known in KNOWN.items()
        }
    (OUT / "pycanon.json").write_text(json.dumps(told, indent=1) + "\n")
