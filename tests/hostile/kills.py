"""End runs by signals at random moments, and look at what they leave.

Run as a program for the whole campaign, 200 times SIGKILL and 100 times each other signal:

    python -m tests.hostile.kills [RECORD] [--piece 20] [--signals SIGKILL,SIGINT]

It runs in pieces with seeds of their own. Each is kept in RECORD, a file of JSON lines, when it is
done, so that a campaign that was ended continues there. A run that ended before its signal came is not
counted as a kill.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.people import write_people
from tests.hostile.commands import ARTESIAN, SOURCE, environment

from artesian.cli.app import call

ROWS = 2_000


@dataclass
class Campaign:
    """Kills of runs whose output exists already (replaced with --force) or not.

    Attributes:
        folder: Where everything lies.
        kind: The signal.
        seed: Seed of the moments.
        states: How often the target was old, new or absent after a kill.
        codes: How often each exit code came after a kill.
        inside: How many kills came while unfinished work lay beside the target.
    """

    folder: Path
    kind: signal.Signals
    seed: int
    states: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    inside: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.source = write_people(self.folder / "people.csv", rows=ROWS)
        self.model = self.folder / "model"
        assert call(["fit", str(self.source), "-o", str(self.model), *FAST]) == 0
        self.targets = self.folder / "targets"
        self.targets.mkdir()
        self.seconds = dict.fromkeys(VERBS, 3.0)
        self.working = dict.fromkeys(VERBS, 0.5)

    def command(self, verb: str, out: Path, seed: int) -> list[str]:
        """The command that writes `out` with a seed, which decides its content."""
        source = {"sample": self.model}.get(verb, self.source)
        more = {
            "synth": ["--metrics", "ks", "--rows", "300"],
            "fit": [],
            "sample": ["--rows", str(20_000 + seed)],
        }[verb]
        method = FAST if verb != "sample" else ("-q", "--force")
        return [verb, str(source), "-o", str(out), "--seed", str(seed), *more, *method]

    def _wait_for_work(self, running: subprocess.Popen[bytes]) -> float:
        """Wait until the run writes something, and return the seconds since its start."""
        start = time.monotonic()
        while running.poll() is None and not self._unfinished():
            time.sleep(0.005)
        return time.monotonic() - start

    def _unfinished(self) -> bool:
        return any(path.name.endswith(".part") for path in self.targets.iterdir())

    def kill(self, verb: str, *, replacing: bool) -> None:
        """Kill one run at a random moment, check its target, and check that the next run clears up."""
        out = self.targets / ("rows.csv" if verb == "sample" else "out")
        old = "absent"
        if replacing:
            assert call(self.command(verb, out, 1)) == 0
            old = state(verb, out)
        start = time.monotonic()
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(
                [*ARTESIAN, *self.command(verb, out, 2)],
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=errors,
            ) as running,
        ):
            moment = self.random.uniform(0, self.seconds[verb])
            if self.random.random() < 0.7:  # most of the time nothing is written yet
                moment = self._wait_for_work(running) + self.random.uniform(0, self.working[verb])
            moment = max(0.0, moment - (time.monotonic() - start))
            try:
                running.wait(moment)
            except subprocess.TimeoutExpired:
                self.inside += self._unfinished()
                running.send_signal(self.kind)
            running.wait(60)
            errors.seek(0)
            stderr = errors.read().decode(errors="replace")
        if running.returncode == 0:
            took = time.monotonic() - start
            self.seconds[verb] = 0.8 * self.seconds[verb] + 0.2 * took
            self.working[verb] *= 0.8
        else:
            self.working[verb] = min(1.1 * self.working[verb], self.seconds[verb])
        killed = running.returncode != 0
        if killed:
            self.codes[running.returncode] += 1
        expected = running.returncode in (0, 128 + self.kind, -self.kind)
        assert expected or python_starts(stderr), (
            f"{verb}, exit code {running.returncode}: {stderr}"
        )
        now = state(verb, out)
        if killed:
            self.states["absent" if now == "absent" else "old" if now == old else "new"] += 1
        assert now in (old, state_after(verb, self, out, 2)), f"{verb}: {old} became {now}"
        if self.kind != signal.SIGKILL:  # all others leave nothing by themselves
            left = [p.name for p in self.targets.iterdir() if p != out]
            assert left == [], left
        assert call(self.command(verb, out, 3)) == 0
        assert [p.name for p in self.targets.iterdir()] == [out.name]
        remove(out)


FAST = ("--method", "marginals", "-q", "--force")
VERBS = ("synth", "fit", "sample")
_expected: dict[tuple[str, int], str] = {}


def python_starts(errors: str) -> bool:
    """Whether SIGINT came before Python ran the program: it has no handler then."""
    interrupted = "KeyboardInterrupt" in errors or "init_import_site" in errors
    return interrupted and str(SOURCE) not in errors


def state_after(verb: str, campaign: Campaign, out: Path, seed: int) -> str:
    """The state of a target that a run with this seed wrote without being killed."""
    if (verb, seed) not in _expected:
        other = campaign.folder / "whole" / out.name
        assert call(campaign.command(verb, other, seed)) == 0
        _expected[verb, seed] = state(verb, other)
        remove(other)
    return _expected[verb, seed]


def state(verb: str, out: Path) -> str:
    """'absent', or a digest of a target that is whole; times in a manifest do not count."""
    if not out.exists():
        return "absent"
    files = [out] if out.is_file() else sorted(p for p in out.rglob("*") if p.is_file())
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        if path.name == "manifest.json":
            manifest = json.loads(content)
            outputs = manifest["outputs"]
            names = {p.relative_to(out).as_posix() for p in files} - {"manifest.json"}
            assert names == set(outputs), "a file is missing"
            for name, expected in outputs.items():
                assert hashlib.sha256((out / name).read_bytes()).hexdigest() == expected
            content = json.dumps([manifest["seed"], manifest["rows"]]).encode()
        elif path.name == "report.html":  # it shows times
            content = b""
        digest.update(path.name.encode() + hashlib.sha256(content).digest())
    return digest.hexdigest()


def remove(out: Path) -> None:
    """Remove a target."""
    from artesian.core.claim import remove as remove_path

    remove_path(out)


WHOLE = {
    name: count
    for name, count in (
        ("SIGKILL", 200),
        ("SIGINT", 100),
        ("SIGTERM", 100),
        ("SIGHUP", 100),
        ("SIGQUIT", 100),
    )
    if hasattr(signal, name)
}
"""How often each signal ends a run in the whole campaign."""


def piece(kind: signal.Signals, count: int, seed: int) -> dict[str, Any]:
    """End `count` runs by one signal, and return what that left."""
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), kind, seed)
        runs = 0
        while sum(campaign.states.values()) < count:
            campaign.kill(VERBS[runs % len(VERBS)], replacing=campaign.random.random() < 0.7)
            runs += 1
    return {
        "signal": kind.name,
        "seed": seed,
        "kills": count,
        "runs": runs,
        "unfinished": campaign.inside,
        "states": dict(campaign.states),
        "codes": {str(code): number for code, number in campaign.codes.items()},
    }


def totals(pieces: list[dict[str, Any]]) -> Iterator[str]:
    """One line for each signal: the sums over its pieces."""
    for name in WHOLE:
        own = [each for each in pieces if each["signal"] == name]
        if own:
            sums: dict[str, Counter[str]] = {"states": Counter(), "codes": Counter()}
            for each in own:
                for key, counter in sums.items():
                    counter.update(each[key])
            runs, kills, unfinished = (
                sum(each[key] for each in own) for key in ("runs", "kills", "unfinished")
            )
            yield (
                f"{name}: {kills} kills in {runs} runs, {unfinished} with unfinished work; targets "
                f"{dict(sums['states'])}, exit codes {dict(sums['codes'])}, 0 leftovers"
            )


def main() -> None:
    """Run what is missing of the whole campaign, and print what it left."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("record", nargs="?", type=Path)
    parser.add_argument("--piece", type=int, default=20)
    parser.add_argument("--signals", type=lambda text: text.split(","), default=list(WHOLE))
    asked = parser.parse_args()
    lines = asked.record.read_text().splitlines() if asked.record and asked.record.exists() else []
    pieces = [json.loads(line) for line in lines]
    done = {(each["signal"], each["seed"]) for each in pieces}
    for name in asked.signals:
        for seed, start in enumerate(range(0, WHOLE[name], asked.piece)):
            if (name, seed) not in done:
                count = min(asked.piece, WHOLE[name] - start)
                pieces.append(piece(signal.Signals[name], count, seed))
                if asked.record:
                    with asked.record.open("a") as file:
                        file.write(json.dumps(pieces[-1]) + "\n")
    print("\n".join(totals(pieces)))


if __name__ == "__main__":
    import tests.conftest  # noqa: F401 - signals that the shell ignores must reach the runs

    main()
