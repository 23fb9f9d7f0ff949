"""Is this commit ready to be released under a tag? `python tools/release_check.py v0.1.0`.

The tag, pyproject.toml, CITATION.cff and the newest heading of CHANGELOG.md must name one version,
the heading a date, and pyproject.toml the address of the repository.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def problems(root: Path, tag: str) -> list[str]:
    """What stands against releasing the tree at `root` as `tag`."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = project["version"]
    reasons = []
    if tag != f"v{version}":
        reasons.append(f"the tag is {tag!r}, and pyproject.toml says v{version}")
    if "Repository" not in project.get("urls", {}):
        reasons.append("pyproject.toml names no Repository in [project.urls]")
    cited = re.search(r"^version: *[\"']?([^\"'\s]+)", _text(root / "CITATION.cff"), re.MULTILINE)
    if cited is None or cited[1] != version:
        reasons.append(
            f"CITATION.cff says version {cited[1] if cited else 'nothing'}, not {version}"
        )
    heading = re.search(r"^## (\S+) \((.*)\)$", _text(root / "CHANGELOG.md"), re.MULTILINE)
    if heading is None or heading[1] != version:
        reasons.append(f"the newest heading of CHANGELOG.md is not '## {version} (date)'")
    elif not re.fullmatch(r"\d{4}-\d{2}-\d{2}", heading[2]):
        reasons.append(f"CHANGELOG.md gives {version} no date, but {heading[2]!r}")
    return reasons


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main() -> int:
    """Print what stands against the release; 1 if anything does."""
    reasons = problems(ROOT, sys.argv[1])
    for problem in reasons:
        print(problem, file=sys.stderr)
    return int(bool(reasons))


if __name__ == "__main__":
    sys.exit(main())
