"""The methods that are compared, and an environment of its own for each peer.

    python benchmarks/environments.py            # build all
    python benchmarks/environments.py sdv arf    # build some

A peer is a folder below peers/: run.py, requirements.txt (pinned) and, where a dependency's
dependency does not load beside the pinned ones and is not needed, uninstall.txt.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE / ".envs"


@dataclass(frozen=True)
class Method:
    """`folder` below peers/ holds it; `ours` run in the interpreter that runs the benchmark.

    A `slow` one takes hours on the tables of single_table.py, which leaves it out unless it is named.
    """

    folder: str
    title: str
    ours: bool = False
    slow: bool = False


METHODS = {
    "trees": Method("artesian", "Artesian trees", ours=True),
    "boosted": Method("artesian", "Artesian boosted", ours=True),
    "marginals": Method("artesian", "Artesian marginals (baseline)", ours=True),
    "adversarial_forest": Method("artesian", "Artesian adversarial forest", ours=True),
    "forest_flow": Method("artesian", "Artesian forest flow", ours=True),
    "cart": Method("cart", "scikit-learn sequential CART"),
    "gaussian_copula": Method("sdv", "SDV GaussianCopula"),
    "tvae": Method("sdv", "SDV TVAE"),
    "tabular_argn": Method("tabular_argn", "MOSTLY AI TabularARGN"),
    "arf": Method("arf", "ARF (arfpy)"),
    "forest_diffusion": Method("forest_diffusion", "ForestDiffusion (flow)", slow=True),
    "ctgan": Method("sdv", "SDV CTGAN"),
}


def interpreter(method: Method) -> Path:
    """The Python that runs `method`; its environment is built if it is not there."""
    if method.ours:
        return Path(sys.executable)
    if not (ENVIRONMENTS / method.folder / "ready").exists():
        build(method.folder)
    return ENVIRONMENTS / method.folder / "bin" / "python"


def build(folder: str) -> None:
    """Make the environment of peers/`folder` anew."""
    place, peer = ENVIRONMENTS / folder, HERE / "peers" / folder
    venv.create(place, with_pip=True, clear=True)
    pip = [str(place / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    needs = (peer / "requirements.txt").read_text().split()
    # torch first and alone: resolved together with the rest, a larger build of it may be taken.
    for batch in ([need for need in needs if need.startswith("torch==")], needs):
        if batch:
            subprocess.run([*pip, "install", "-q", *batch], check=True)
    unwanted = peer / "uninstall.txt"
    if unwanted.exists():
        subprocess.run([*pip, "uninstall", "-qy", *unwanted.read_text().split()], check=True)
    (place / "ready").touch()


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted({m.folder for m in METHODS.values() if not m.ours}):
        print(f"building {name}", flush=True)
        build(name)
