"""Write the Vega bundle that reports embed: report/assets/vega_bundle.js.gz.

    python tools/vega_bundle.py            # needs vl-convert-python, which is in the group dev
    python tools/vega_bundle.py --check    # the file is what the installed vl-convert-python bundles

The versions and the SHA-256 that it prints belong into vega_bundle.md beside it.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path

import vl_convert

BUNDLE = Path(__file__).parents[1] / "src/artesian/report/assets/vega_bundle.js.gz"


def main() -> int:
    """Write the bundle, or compare it."""
    text = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode()
    if "--check" in sys.argv[1:]:
        same = gzip.decompress(BUNDLE.read_bytes()) == text
        print("the same" if same else f"another bundle, by vl-convert {vl_convert.__version__}")
        return int(not same)
    BUNDLE.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))
    print("vl-convert-python", vl_convert.__version__, "Vega", vl_convert.get_vega_version())
    print("Vega-Embed", vl_convert.get_vega_embed_version(), hashlib.sha256(text).hexdigest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
