"""The conformance suite for synthesizers: which checks a method has to pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from artesian.synthesizers.protocol import Synthesizer
from artesian.testing import conditions, determinism, edge_cases, fidelity, protection, saving

SynthesizerCheck = Callable[[Callable[[], Synthesizer]], None]


def synthesizer_checks(make: Callable[[], Synthesizer]) -> Iterator[SynthesizerCheck]:
    """Every check that a synthesizer made by `make` has to pass, given its traits."""
    capabilities = make().capabilities
    yield determinism.check_schema_and_row_count
    yield determinism.check_same_seed_same_rows
    yield determinism.check_rows_do_not_depend_on_how_many
    yield determinism.check_batches_are_the_sample
    yield determinism.check_workers_do_not_matter
    yield determinism.check_fit_is_deterministic
    yield determinism.check_leaves_global_randomness_alone
    yield determinism.check_leaves_its_input_alone
    yield determinism.check_reports_progress
    yield determinism.check_can_be_stopped
    yield fidelity.check_value_shares_survive
    yield fidelity.check_null_rate_survives
    yield fidelity.check_numbers_survive
    yield fidelity.check_types_survive
    yield fidelity.check_whole_numbers_and_decimals_survive
    yield fidelity.check_values_stay_in_bounds
    yield saving.check_save_load_round_trip
    yield saving.check_files_hold_no_code
    yield saving.check_damaged_files_are_refused
    yield protection.check_rare_categories_stay_hidden
    yield protection.check_texts_and_keys_are_made_anew
    yield protection.check_keys_are_unique
    yield protection.check_extremes_are_not_copied
    yield protection.check_protection_can_be_turned_off
    yield edge_cases.check_few_rows
    yield edge_cases.check_one_column
    yield edge_cases.check_nothing_to_learn
    yield edge_cases.check_more_columns_than_rows
    yield edge_cases.check_very_many_categories
    if capabilities.joint:
        yield fidelity.check_dependence_survives
    if capabilities.conditions:
        yield conditions.check_where_is_exact
        yield conditions.check_where_keeps_rows_the_same
        yield conditions.check_where_refuses_what_it_cannot_give
        if capabilities.joint:
            yield conditions.check_where_follows_the_law
