"""Options that several verbs share, and types of arguments."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter, Token

from artesian.core.errors import UsageError

DASH = "\0-"
"""Replaces `-` (standard input or output) during parsing, because the parser takes a lone dash for an
unknown option; no real argument can contain a zero byte."""


def _undash(_: Any, tokens: tuple[Token, ...]) -> str:
    return tokens[0].value.replace(DASH, "-")


def _split(_: Any, tokens: tuple[Token, ...]) -> list[str]:
    from artesian.runs.settings import split_list

    return [part for token in tokens for part in split_list(token.value.replace(DASH, "-"))]


def positive(_: Any, value: Any) -> None:
    """Refuse numbers that are not above 0, or not finite."""
    if value is not None and not 0 < value < math.inf:
        raise ValueError("It must be more than 0 and finite.")


def fraction(_: Any, value: Any) -> None:
    """Refuse numbers that are not in [0, 1)."""
    if value is not None and not 0 <= value < 1:
        raise ValueError("It must be at least 0 and less than 1.")


Source = Annotated[str, Parameter(converter=_undash)]
"""A file, a table of a database (`file.db::table`), or `-`."""

OptionalSource = Annotated[str | None, Parameter(converter=_undash)]
Out = Annotated[str | None, Parameter(name=["--out", "-o"], converter=_undash)]
RequiredOut = Annotated[str, Parameter(name=["--out", "-o"], converter=_undash)]
OptionalCount = Annotated[int | None, Parameter(validator=positive)]
Fraction = Annotated[float, Parameter(validator=fraction)]
Factor = Annotated[float, Parameter(validator=positive)]
Positive = Annotated[float | None, Parameter(validator=positive)]
Repeatable = Annotated[list[str] | None, Parameter(negative="")]
Amount = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
"""A quantity, which may be negative: -2%."""

CommaSeparated = Annotated[list[str], Parameter(negative="", converter=_split)]
Count = Annotated[int, Parameter(validator=positive)]
Flag = Annotated[bool, Parameter(negative="")]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodOptions:
    """Options of the verbs that fit a method.

    Attributes:
        method: auto to choose from the data, or a name listed by `artesian methods`; of related tables
            table=method, such as customer=gaussian_copula.
        set: Setting of the method, such as min_gain=12; `artesian methods NAME` lists them.
        temperature: Sampling temperature: below 1 sharpens the fitted distributions, above 1 flattens
            them.
        protect: Suppress rare categories and the tails of numbers; --no-protect keeps them.
        privacy: How much the method may memorise: low, default or high; high costs fidelity.
    """

    method: str = "auto"
    set: Repeatable = None
    temperature: Positive = None
    protect: bool = True
    privacy: Literal["low", "default", "high"] | None = None

    def settings(self) -> dict[str, Any]:
        """The settings that were given, by name."""
        from artesian.runs.settings import parse_assignments

        texts = list(self.set or ())
        texts += [] if self.temperature is None else [f"temperature={self.temperature}"]
        texts += [] if self.protect else ["protect=false"]
        texts += [] if self.privacy is None else [f"privacy={self.privacy}"]
        return dict(parse_assignments(texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Options of every verb.

    Attributes:
        seed: Seed of all random streams; the same seed gives the same rows.
        json: Print one JSON object, and nothing else, on standard output.
        force: Replace existing output.
        quiet: Print no progress and no summary.
        debug: Print the traceback of an error.
    """

    seed: int = 0
    json: Flag = False
    force: Flag = False
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="")] = False
    debug: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is generated.

    Attributes:
        rows: Number of synthetic rows; as many as the source has by default.
        scale: Number of rows of related tables relative to the source, such as 2.
    """

    rows: OptionalCount = None
    scale: Factor = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModel:
    """Which model is saved beside the data.

    Attributes:
        keep_model: Also save the model, as OUT/model, for `artesian sample`. It is as sensitive as the
            rows it was fitted on: do not release it.
        release_model: Also save a release model, as OUT/model, fitted on synthetic rows of the model:
            it reveals no more of the training rows than these, and what its readers learn is measured.
    """

    keep_model: Flag = False
    release_model: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTables:
    """Which of the related tables are kept as they are.

    Attributes:
        keep: Table to keep as it is, but for what identifies somebody.
        generate: Table to generate although it is a list of labels, which is kept otherwise.
    """

    keep: Repeatable = None
    generate: Repeatable = None

    def settings(self) -> dict[str, tuple[str, ...]]:
        """The settings that were given, by name."""
        given = {"keep": self.keep, "generate": self.generate}
        return {name: tuple(tables) for name, tables in given.items() if tables}


Fitting = Annotated[MethodOptions | None, Parameter(name="*")]
Shared = Annotated[Common | None, Parameter(name="*")]
References = Annotated[ReferenceTables | None, Parameter(name="*")]
Sized = Annotated[Sizes | None, Parameter(name="*")]
Saving = Annotated[SavedModel | None, Parameter(name="*")]


def output_path(out: str) -> Path:
    """The file or folder to write.

    Raises:
        UsageError: It is standard output, which only `sample` can write to.
    """
    if out == "-":
        raise UsageError(
            "only rows can be written to standard output",
            hint="give a path with -o; `artesian sample MODEL -o -` writes rows",
        )
    return Path(out)


def optional_path(out: str | None) -> Path | None:
    """The file or folder to write; None for none."""
    return None if out is None else output_path(out)


def output_folder(
    out: str | None, as_json: bool, *, to: str | None, saves_model: bool
) -> Path | None:
    """The folder that `synth` writes; None if it only prints figures.

    Raises:
        UsageError: No folder is given, or it is standard output.
    """
    if out is None and not as_json:
        raise UsageError(
            "there is no output folder", hint="give -o FOLDER, or --json for the figures only"
        )
    if to is not None and out is None:
        raise UsageError("--to needs -o as well", hint="give -o FOLDER for the report")
    if saves_model and out is None:
        raise UsageError("a model to save needs -o as well", hint="give -o FOLDER for the model")
    return optional_path(out)


def augmentation_folder(
    out: str | None, as_json: bool, *, balance: bool, rows: int | None
) -> Path | None:
    """The folder that `augment` writes; None if it only prints figures.

    Raises:
        UsageError: No folder is given, or there are two numbers of rows.
    """
    if balance and rows is not None:
        raise UsageError(
            "--balance and --rows are two numbers of rows", hint="leave one of them out"
        )
    return output_folder(out, as_json, to=None, saves_model=False)
