"""The files around the code: workflows, templates, citation, hooks, and the check before a release."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCHEMAS = {
    ".github/workflows/*.yml": "vendor.github-workflows",
    ".github/ISSUE_TEMPLATE/[!c]*.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    ".github/dependabot.yml": "vendor.dependabot",
    "CITATION.cff": "vendor.citation-file-format",
}
sys.path.insert(0, str(ROOT / "tools"))


@pytest.mark.parametrize(("pattern", "schema"), SCHEMAS.items())
def test_files_follow_their_schema(pattern: str, schema: str) -> None:
    files = sorted(ROOT.glob(pattern))
    assert files
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files)
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_workflows_pin_their_actions_and_ask_for_no_more_than_reading() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        used = re.findall(r"uses: (\S+)", text)
        assert used
        assert all(re.search(r"@(v\d+|release/v\d+)$", action) for action in used), used
        assert "permissions:\n  contents: read\n" in text
        assert "secrets." not in text


def test_the_matrix_has_every_version_that_the_package_admits() -> None:
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    (listed,) = re.findall(r"python: \[(.*)\]", text)
    versions = re.findall(r"3\.\d+", listed)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={versions[0]}"
    assert versions == [f"3.{minor}" for minor in range(11, 11 + len(versions))]


def test_the_hooks_run_what_the_environment_has() -> None:
    command = (sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml")
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", text) == ["local"]


def test_text_files_are_checked(tmp_path: Path) -> None:
    from check_files import problems_of

    for name, text, wrong in (
        ("a.md", "fine\n", ""),
        ("a.md", "no end", "line end"),
        ("a.md", "two ends\n\n", "line end"),
        ("a.py", "x = 1 \n", "line 1"),
        ("a.py", "x\n<<<<<<< HEAD\n", "line 2"),
        ("a.toml", "a =\n", "does not parse"),
        ("a.yml", "a: [1\n", "does not parse"),
        ("a.json", "{}\n", ""),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        problems = problems_of(tmp_path / name)
        assert [wrong in line for line in problems] == [True] * bool(wrong), (name, text, problems)


def test_a_release_needs_one_version_everywhere(tmp_path: Path) -> None:
    from release_check import problems

    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    project = tmp_path / "pyproject.toml"
    version = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
    changes = tmp_path / "CHANGELOG.md"
    changes.write_text(f"# Changes\n\n## {version} (2026-12-01)\n\n- All.\n", encoding="utf-8")
    text = project.read_text(encoding="utf-8")
    if "\n[project.urls]\n" not in text:
        text += '\n[project.urls]\nRepository = "https://example.org"\n'
        project.write_text(text, encoding="utf-8")
    assert problems(tmp_path, f"v{version}") == []
    assert "the tag is" in problems(tmp_path, "v99.0.0")[0]
    changes.write_text(f"# Changes\n\n## {version} (unreleased)\n", encoding="utf-8")
    assert "no date" in problems(tmp_path, f"v{version}")[0]
    (tmp_path / "CITATION.cff").write_text("version: 99.0.0\n", encoding="utf-8")
    project.write_text(text.replace("Repository", "Elsewhere"), encoding="utf-8")
    reasons = " ".join(problems(tmp_path, f"v{version}"))
    assert "CITATION.cff says version 99.0.0" in reasons
    assert "no Repository" in reasons
