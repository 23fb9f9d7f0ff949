"""Write docs/catalog.md and docs/findings.md from the catalogs of synthesizers and metrics.

With --check nothing is written, and the exit code is 1 if a page is out of date.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from artesian.metrics import CATALOG as METRICS
from artesian.metrics.findings import ALARM_WEIGHT, TABLE_FINDINGS
from artesian.metrics.protocol import Better, Spec
from artesian.synthesizers import CATALOG as SYNTHESIZERS

HERE = Path(__file__).parent

ADVICE = {
    "fidelity": "Look at the worst parts: the report shows those columns and pairs next to the "
    "holdout. A slower method (`--method boosted`) is usually closer. Rows from an older or a "
    "filtered source differ with every method.",
    "validity": "Declare the rule in `dataset.toml` (kind, domain, constraints) before fitting, or "
    "remove the rows that break it and document that.",
    "utility": "Look at the reference first: where models trained on real rows are poor too, there is "
    "nothing to learn. Otherwise use more rows, `--method boosted`, or a temperature of 1.",
    "privacy": "Do not release these rows. Fit again with suppression on, `--privacy high`, a higher "
    "`min_leaf`, or under differential privacy, and repeat the attack. Isolated people are exposed "
    "first: look at who they are.",
    "diagnostics": "This is a diagnostic and not an attack: a finding is a reason to look at the "
    "privacy metrics, and the absence of a finding proves nothing.",
    "fairness": "Look at the groups in the parts: models of a group with few rows are poor with every "
    "method. Reweighing the real rows is the baseline to improve on.",
}
"""What to do about a finding, by the family of its metric."""

WORSE = {Better.LOWER: "higher", Better.HIGHER: "lower"}
"""In which direction a metric is worse than its reference."""


def catalog() -> str:
    """Every synthesizer with its settings, and every metric."""
    lines = [
        "# Catalog",
        "",
        "Written by `make docs` from the code. To find the best synthesizer for your data, "
        "[benchmark](bench.md) them with `artesian bench`.",
        "",
        "## Synthesizers",
    ]
    for name, synthesizer in SYNTHESIZERS.items():
        capabilities = synthesizer.capabilities
        description = f"{_sentence(capabilities.description)} Follows {capabilities.source}."
        lines += ["", f"### {name}", "", description, "", "| setting | default |", "|---|---|"]
        lines += [f"| `{f.name}` | `{f.default!r}` |" for f in dataclasses.fields(synthesizer)]
    lines += ["", "## Metrics", "", "| metric | family | better | range | source |"]
    lines += ["|---|---|---|---|---|"]
    for metric in METRICS.values():
        spec = metric.spec
        name = (
            f"`{spec.name}`" if spec.better is Better.NEITHER else f"[`{spec.name}`]({_link(spec)})"
        )
        row = (name, spec.family, spec.better.value, spec.description, spec.source)
        lines.append("| " + " | ".join(column.replace("|", "\\|") for column in row) + " |")
    return "\n".join(lines) + "\n"


def findings() -> str:
    """Every finding, with an anchor that is its code."""
    parts = [
        "# Findings",
        "Written by `make docs` from the code. A finding is a metric of the synthetic rows that is "
        "worse than the same metric of real holdout rows by more than the uncertainty of both, "
        "[corrected for the number of metrics](scorecard.md#findings). It is an alarm if the "
        f"difference is at least {100 * ALARM_WEIGHT:.0f} % of the distance from the reference to the "
        "worst possible value, and a warning otherwise. The code of a finding is the name of its "
        "metric.",
        "## Findings on the tables",
    ]
    for code, (level, message, advice) in TABLE_FINDINGS.items():
        parts += [f"### {code}", f"Level: {level.value}. {_sentence(message)}", advice]
    specs = [metric.spec for metric in METRICS.values()]
    for family in dict.fromkeys(spec.family for spec in specs):
        parts += [f"## Findings on {family}", f"**What to do.** {ADVICE[family]}"]
        for spec in specs:
            if spec.family == family and spec.better in WORSE:
                parts += [f"### {spec.name}", _finding(spec)]
    return "\n\n".join(parts) + "\n"


def _finding(spec: Spec) -> str:
    return (
        f"**{_sentence(spec.title)}** {_sentence(spec.description)} The finding is made where the "
        f"value is {WORSE[spec.better]} than its reference. Source: {spec.source}."
    )


def _link(spec: Spec) -> str:
    return f"findings.md#{spec.name}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


if __name__ == "__main__":
    pages = {HERE / "catalog.md": catalog(), HERE / "findings.md": findings()}
    if "--check" not in sys.argv:
        for page, text in pages.items():
            page.write_text(text, encoding="utf-8")
    else:
        old = [p for p, text in pages.items() if not p.is_file() or p.read_text("utf-8") != text]
        if old:
            sys.exit(f"out of date: {', '.join(p.name for p in old)}: run make docs")
