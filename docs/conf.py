"""Sphinx settings of the docs site: `make docs-site` builds it, without a network.

The reference is written from the code before each build (reference_pages.py). A warning is an error,
so a broken link or a docstring that does not parse stops the build.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "src"))

from docstrings import plain_text  # noqa: E402
from reference_pages import write_pages  # noqa: E402

from artesian.core.version import VERSION  # noqa: E402

project = "Artesian"
author = "the Artesian contributors"
project_copyright = "the Artesian contributors, Apache-2.0"
version = release = VERSION

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
default_role = "code"  # docstrings write names between single backquotes

myst_heading_anchors = 3
myst_links_external_new_tab = False

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"exclude-members": "__init__, __new__"}
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"Artesian {VERSION}"
html_static_path: list[str] = []
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it fetches pages, which a browser refuses for local files
pygments_style = "tango"
pygments_dark_style = "monokai"


def _escape(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = plain_text("\n".join(lines)).split("\n")


def setup(app: Any) -> None:
    """Write the reference, and have docstrings escaped before napoleon reads their sections."""
    os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # nothing is run, so nothing needs compiling
    write_pages(HERE / "reference")
    app.connect("autodoc-process-docstring", _escape, priority=100)
