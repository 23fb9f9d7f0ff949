"""The conformance suite for synthesizers: which checks a method has to pass."""

from __future__ import annotations

from collections.abc import Callable

from artesian.synthesizers.protocol import Synthesizer
from artesian.testing import conditions, determinism, edge_cases, fidelity, protection, saving

SynthesizerCheck = Callable[[Callable[[], Synthesizer]], None]


def synthesizer_checks(make: Callable[[], Synthesizer]) -> tuple[SynthesizerCheck, ...]:
    """Every check that a synthesizer has to pass, given its capabilities.

    Args:
        make: Returns the settings; a class without required settings is one.
    """
    capabilities = make().capabilities
    checks: list[SynthesizerCheck] = [
        determinism.check_schema_and_row_count,
        determinism.check_same_seed_same_rows,
        determinism.check_rows_do_not_depend_on_how_many,
        determinism.check_batches_are_the_sample,
        determinism.check_workers_do_not_matter,
        determinism.check_fit_is_deterministic,
        determinism.check_leaves_global_randomness_alone,
        determinism.check_leaves_its_input_alone,
        determinism.check_reports_progress,
        determinism.check_can_be_cancelled,
        fidelity.check_category_frequencies,
        fidelity.check_null_rates,
        fidelity.check_number_distributions,
        fidelity.check_types,
        fidelity.check_integers_and_decimals,
        fidelity.check_bounds,
        saving.check_save_load_round_trip,
        saving.check_files_hold_no_code,
        saving.check_damaged_files_are_refused,
        protection.check_rare_categories_stay_hidden,
        protection.check_texts_and_keys_are_generated,
        protection.check_keys_are_unique,
        protection.check_extremes_are_not_copied,
        protection.check_protection_can_be_turned_off,
        edge_cases.check_few_rows,
        edge_cases.check_one_column,
        edge_cases.check_nothing_to_learn,
        edge_cases.check_more_columns_than_rows,
        edge_cases.check_very_many_categories,
    ]
    if capabilities.joint:
        checks.append(fidelity.check_dependence)
    if capabilities.conditions:
        checks += [
            conditions.check_where_is_exact,
            conditions.check_where_keeps_rows_the_same,
            conditions.check_where_refuses_impossible_conditions,
        ]
        if capabilities.joint:
            checks.append(conditions.check_where_follows_the_conditional_distribution)
    return tuple(checks)
