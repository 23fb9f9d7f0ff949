"""The results of an augmentation as JSON types: what every report is rendered from."""

from __future__ import annotations

from typing import Any

from artesian.augmentation.advice import Advice, filter_gain, verdict
from artesian.augmentation.filters import DESCRIPTIONS, Filters
from artesian.augmentation.generate import Generated
from artesian.augmentation.measures import MEASURES
from artesian.augmentation.study import CHEAP, NOTHING, UNFILTERED, Study
from artesian.augmentation.task import ClassTask, class_text


def results_to_dict(
    task: ClassTask,
    part: ClassTask,
    study: Study,
    advice: list[Advice],
    generated: Generated,
    filters: Filters,
    notes: tuple[str, ...],
) -> dict[str, Any]:
    """Content of augmentation.json.

    Args:
        task: All rows of the table with a value of the target.
        part: The rows of the cross-validation.
    """
    method = advice[0].method
    return {
        "verdict": verdict(advice),
        "decision": advice[0].decision,
        "recommended": {one.learner: one.treatment for one in advice},
        "target": task.target,
        "class": class_text(task.value, task.table.schema[task.target]),
        "rows": {
            "real": len(task),
            "class": int(task.positive.sum()),
            "synthetic": len(generated.table),
        },
        "method": method,
        "filters": _filters(generated, filters),
        "study": {
            "rows": len(part),
            "class_rows": int(part.positive.sum()),
            "folds": study.folds,
            "repeats": study.resamples // study.folds,
            "measure": advice[0].measure,
            "learners": [_learner(study, one) for one in advice],
        },
        "measures": {
            name: {"title": one.title, "description": one.description, "better": one.sign}
            for name, one in MEASURES.items()
        },
        "notes": list(notes),
    }


def _filters(generated: Generated, filters: Filters) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "drops": DESCRIPTIONS[name],
            "sampled": generated.sampled,
            "dropped": dropped,
            "fraction": dropped / max(generated.sampled, 1),
            "real_fraction": filters.used[name].reference,
        }
        for name, dropped in generated.dropped.items()
    ]


def _learner(study: Study, advice: Advice) -> dict[str, Any]:
    learner, method = advice.learner, advice.method
    return {
        "name": learner,
        "advice": advice.to_dict(),
        "filter_gain": filter_gain(study, method, learner, advice.measure).to_dict(),
        "treatments": [
            {
                "name": treatment,
                "measures": {
                    name: {
                        "mean": study.mean(treatment, learner, name),
                        "gain": None
                        if treatment == NOTHING
                        else study.difference(treatment, NOTHING, learner, name).to_dict(),
                        "method_margin": None
                        if treatment == method
                        else study.difference(method, treatment, learner, name).to_dict(),
                    }
                    for name in MEASURES
                },
            }
            for treatment in (*CHEAP, method, method + UNFILTERED)
        ],
    }
