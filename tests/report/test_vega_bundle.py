"""The JavaScript that reports embed is the one whose versions and licences are written down."""

import gzip
import hashlib
from importlib import resources

ASSETS = resources.files("artesian.report") / "assets"


def test_the_bundle_is_the_one_that_is_described() -> None:
    text = gzip.decompress((ASSETS / "vega_bundle.js.gz").read_bytes())
    described = (ASSETS / "vega_bundle.md").read_text(encoding="utf-8")
    assert hashlib.sha256(text).hexdigest() in described
    assert b"window.vegaEmbed=" in text[-40:]
