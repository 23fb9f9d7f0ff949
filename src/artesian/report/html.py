"""Render the report as one HTML file that works without a network.

Charts are Vega-Lite, drawn in the page by the bundle assets/vega_bundle.js.gz. At 0.9 MB it is
most of the file (adult: 1.1 MB, 50 columns: 1.4 MB). Vega alone would be 0.6 MB, but only the full
bundle brings the expression interpreter (see below). Rejected: pre-rendered SVG, which cannot be
asked for a value; one whole spec a column, which costs 50 columns what ten templates cost together;
the bundle compressed, which only a policy that lets strings become code could unpack.

Nothing in the data can become code or a request: the template engine escapes every text, JSON is
written without '<', and a content security policy allows the page's own two scripts by their
hashes, no evaluation of strings (Vega runs its expressions through the interpreter) and no network.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from artesian.core.formatting import number
from artesian.metrics.evaluate import Scorecard
from artesian.metrics.protocol import Comparison
from artesian.report.page import page, page_charts
from artesian.report.summary import summarize
from artesian.report.templates import templates


def render_report(tables: Comparison, scorecard: Scorecard, provenance: Mapping[str, Any]) -> str:
    """Render the report of a comparison as HTML.

    Args:
        tables: The compared tables.
        scorecard: The results of their evaluation.
        provenance: Origin of the synthetic table, for the last section: names to JSON types.
    """
    return render(summarize(tables, scorecard, provenance))


def render(summary: Mapping[str, Any]) -> str:
    """Render the page of a summary."""
    context = page(summary)
    return assemble("page.html", page_charts(context), s=summary, **context)


def assemble(
    template: str,
    charts: Iterable[Mapping[str, Any]],
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    **values: Any,
) -> str:
    """Render a template into a page that loads nothing, and in which no value becomes code.

    Args:
        template: A file in `assets`.
        charts: The charts that the script of the page draws, each with an 'id'.
        styles, scripts: Further files in `assets`.
        values: The context of the template, besides 'policy', 'style', 'data', 'bundle', 'script'.
    """
    import jinja2

    bundle = _vega()
    script = "\n".join(_asset(name) for name in ("page.js", *scripts))
    style = "\n".join(_asset(name) for name in ("style.css", *styles))
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(_asset),
    )
    environment.filters.update(number=number, label=_label, brief=_brief)
    safe = environment.filters["safe"]
    return environment.get_template(template).render(
        **values,
        policy=_policy(bundle, script),
        style=safe(style),
        data=safe(_data(charts)),
        bundle=safe(bundle),
        script=safe(script),
    )


def _data(charts: Iterable[Mapping[str, Any]]) -> str:
    """Rows and templates of the charts as JSON that cannot end its script element."""
    packed = {chart["id"]: _packed(chart) for chart in charts}
    used = {chart["template"] for chart in packed.values()}
    specs = {name: spec for name, spec in templates().items() if name in used}
    text = json.dumps(
        _finite({"templates": specs, "charts": packed}), separators=(",", ":"), allow_nan=False
    )
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _packed(chart: Mapping[str, Any]) -> dict[str, Any]:
    """A chart without its texts, with the rows as lists and the field names stated once."""
    data = {"template": chart["template"], "set": chart["set"]}
    if "matrix" in chart:
        return data | {"matrix": chart["matrix"]}
    fields = list(dict.fromkeys(key for row in chart["rows"] for key in row))
    rows = [[row.get(field) for field in fields] for row in chart["rows"]]
    return data | {"fields": fields, "rows": rows}


def _finite(value: Any) -> Any:
    """Replace numbers that JSON cannot represent by None."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _policy(*scripts: str) -> str:
    hashes = " ".join(
        "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
        for text in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@lru_cache(maxsize=1)
def _vega() -> str:
    packed = (_assets() / "vega_bundle.js.gz").read_bytes()
    text = gzip.decompress(packed).decode("utf-8")
    # The parser would end the element at '</script' and turn CR into LF under the hash.
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--").replace("\r", "\\r")


def _asset(name: str) -> str:
    return (_assets() / name).read_text(encoding="utf-8")


def _assets() -> Traversable:
    return resources.files("artesian.report") / "assets"


def _label(key: object) -> str:
    """'fit_seconds' -> 'Fit seconds'."""
    text = str(key).replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def _brief(values: Iterable[Any]) -> str:
    """Short values on one line; '' for values that need a line each."""
    texts = [str(value) if isinstance(value, str | int | float) else "" for value in values]
    return ", ".join(texts) if all(0 < len(text) <= 40 for text in texts) else ""
