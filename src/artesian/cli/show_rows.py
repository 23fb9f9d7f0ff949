"""Print what was added to real rows: an augmentation, an imputation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artesian.cli.show import print_line, print_rows

if TYPE_CHECKING:
    from artesian.pipeline.augment import AugmentResult
    from artesian.pipeline.impute import ImputeResult


def print_augmentation(result: AugmentResult) -> None:
    """Print the verdict, a table for each learner, and the filters."""
    from artesian.report.augmentation import MARKS, filter_rows, filter_sentence, lead, measure_rows

    results = result.results
    print_line(results["verdict"])
    print_line(lead(results))
    titles = [one["title"] for one in results["measures"].values()]
    for learner in results["study"]["learners"]:
        print_rows((learner["name"], *titles), measure_rows(learner, results))
    print_line(MARKS)
    for learner in results["study"]["learners"]:
        if learner["advice"]["sentence"] not in results["verdict"]:
            print_line(learner["advice"]["sentence"])
        print_line(learner["advice"]["threshold_sentence"])
    if results["filters"]:
        heads = ("filter", "drops rows that are", "synthetic rows dropped", "of real rows")
        print_rows(heads, filter_rows(results))
        for learner in results["study"]["learners"]:
            print_line(filter_sentence(learner, results))
    for note in results["notes"]:
        print_line(f"note: {note}")
    if result.out is not None:
        print_line(f"{result.out}")


def print_imputation(result: ImputeResult) -> None:
    """Print what was imputed, and the check of each column."""
    from artesian.report.imputation import HEAD, check_rows, lead, legend

    print_line(lead(result.results))
    print_rows(HEAD, check_rows(result.results))
    print_line(legend(result.results))
    for note in result.notes:
        print_line(f"note: {note}")
    if result.out is not None:
        print_line(f"{result.out}")
