"""Write the pages of the docs that follow from the code: docs/catalog.md and docs/findings/.

With --check nothing is written, and the exit code is 1 if a page is not up to date.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from artesian.metrics import CATALOG as METRICS
from artesian.metrics.findings import LARGE, TABLES
from artesian.metrics.protocol import Better, Spec
from artesian.synthesizers import CATALOG as SYNTHESIZERS

HERE = Path(__file__).parent

ADVICE = {
    "fidelity": "Look at the parts that are worst: the report draws those columns and pairs beside "
    "the holdout. A slower method (`--method boosted`) is usually closer; rows from an older or a "
    "filtered source differ whatever the method.",
    "validity": "Declare the rule in `dataset.toml` (kind, domain, constraints) before fitting, or "
    "drop the rows that break it and say so.",
    "utility": "Compare with the reference first: where models trained on real rows do badly too, "
    "there is nothing to learn. Else more rows, `--method boosted`, or a temperature of 1.",
    "privacy": "Do not release these rows. Fit again with value protection on, a higher `min_gain` or "
    "`min_leaf`, or under differential privacy; then run the attack again. Isolated people are exposed "
    "first: look at who they are.",
    "diagnostics": "A diagnostic, not an attack: a fault here is worth a look at the privacy measures, "
    "and no fault here proves nothing.",
    "fairness": "Look at the groups in the parts: few rows of a group make a model of it poor, whoever "
    "made the rows. Reweighing the real rows is the baseline to beat.",
}
"""What to do about a finding, by the family of its metric."""

WORSE = {
    Better.LOWER: "lies above its reference",
    Better.HIGHER: "lies below its reference",
    Better.NEITHER: "",
}


def catalog() -> str:
    """Every synthesizer with its settings, and every metric."""
    lines = [
        "# Catalog",
        "",
        "Written by `make docs` from the code. Which synthesizer serves your data best, "
        "`artesian bench` [measures](bench.md).",
        "",
        "## Synthesizers",
    ]
    for name, make in SYNTHESIZERS.items():
        capabilities = make.capabilities
        lines += [
            "",
            f"### {name}",
            "",
            f"{_sentence(capabilities.description)} Follows {capabilities.source}.",
            "",
        ]
        lines += ["| setting | default |", "|---|---|"]
        lines += [f"| `{f.name}` | `{f.default!r}` |" for f in dataclasses.fields(make)]
    lines += ["", "## Metrics", "", "| metric | family | better | what it means | source |"]
    lines += ["|---|---|---|---|---|"]
    for make in METRICS.values():
        spec = make.spec
        cells = (f"`{spec.name}`", spec.family, spec.better.value, spec.description, spec.source)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def findings() -> dict[str, str]:
    """A page for each finding, by its code."""
    pages = {
        code: f"# {code}\n\nLevel: {level.value}. {_sentence(words)}\n\n{advice}\n"
        for code, (level, words, advice) in TABLES.items()
    }
    pages |= {
        spec.name: _page(spec)
        for spec in (make.spec for make in METRICS.values())
        if spec.better is not Better.NEITHER
    }
    lines = [
        "# Findings",
        "",
        "Written by `make docs` from the code. What they are and when one is",
    ]
    lines += ["made: [the scorecard](../scorecard.md#findings).", ""]
    lines += [f"- [{code}]({code}.md)" for code in pages]
    return {**pages, "README": "\n".join(lines) + "\n"}


def _page(spec: Spec) -> str:
    return (
        f"# {spec.name}\n\n**{spec.title}** ({spec.family}): {_sentence(spec.description)} "
        f"Source: {spec.source}.\n\n"
        f"The finding is made where the measure of the synthetic rows {WORSE[spec.better]}, the same "
        f"measure of unseen real rows, by more than the noise of both, allowing for the number of "
        f"measures. It is an alarm from {LARGE:.0%} of the way to the worst possible value, else a "
        f"warning.\n\n## What to do\n\n{ADVICE[spec.family]}\n"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


if __name__ == "__main__":
    pages = {HERE / "catalog.md": catalog()}
    pages |= {HERE / "findings" / f"{code}.md": text for code, text in findings().items()}
    if "--check" not in sys.argv:
        (HERE / "findings").mkdir(exist_ok=True)
        for page in (HERE / "findings").glob("*.md"):
            if page not in pages:
                page.unlink()
        for page, text in pages.items():
            page.write_text(text, encoding="utf-8")
    else:
        old = [p for p, text in pages.items() if not p.is_file() or p.read_text("utf-8") != text]
        old += [p for p in (HERE / "findings").glob("*.md") if p not in pages]
        if old:
            sys.exit(f"not up to date: {', '.join(p.name for p in old)}: run make docs")
