"""Time of a forecast: a scenario of 100,000 draws and 40 years, and ten scenarios of 20,000 draws.

    python benchmarks/forecast_speed.py [--repeats 5]

The median of the runs; reading the data is timed separately. No installable tool
does the same, so there is no peer.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from typing import Any

from machine import HERE, save


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE.parent / "src"))
    from artesian.core.run import Run
    from artesian.forecasting.comparison_scenarios import one_at_a_time
    from artesian.forecasting.model.drift import LargestSet
    from artesian.forecasting.scenario import Scenario
    from artesian.forecasting.series.language_models import read_language_models
    from artesian.forecasting.simulation import simulate

    seed = Run.from_seed(0).seed
    scenarios = [Scenario(), *one_at_a_time(Scenario())][:10]

    def read() -> Any:
        return LargestSet.from_models(read_language_models())

    largest = read()
    jobs = {
        "read": read,
        "one_scenario_100000_draws": lambda: simulate(
            Scenario(), largest, today=2026.9, draws=100_000, seed=seed
        ),
        "ten_scenarios_20000_draws": lambda: [
            simulate(scenario, largest, today=2026.9, draws=20_000, seed=seed)
            for scenario in scenarios
        ],
    }
    result: dict[str, Any] = {"repeats": arguments.repeats, "scenarios": len(scenarios)}
    for name, job in jobs.items():
        walls, cpus = [], []
        for _ in range(arguments.repeats):
            before = time.perf_counter(), time.process_time()
            job()
            walls.append(time.perf_counter() - before[0])
            cpus.append(time.process_time() - before[1])
        result[name] = {
            "wall": round(statistics.median(walls), 3),
            "cpu": round(statistics.median(cpus), 3),
        }
    print(save("forecast_speed", result), result)


if __name__ == "__main__":
    main()
