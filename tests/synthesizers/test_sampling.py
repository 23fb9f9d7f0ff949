"""Blocks: bounded memory, however long the sample; and errors that come at once."""

import tracemalloc

import polars as pl
import pytest

from artesian.core.errors import SchemaError, UsageError
from artesian.core.run import Progress, Run, Seed
from artesian.synthesizers.marginals import Marginals
from artesian.synthesizers.protocol import BLOCK
from artesian.synthesizers.sampling import GROUP, BlockSampler
from artesian.testing.tables import people, table


@pytest.fixture(scope="module")
def model():
    return Marginals().fit(people(300))


def test_pieces_are_whole_groups_of_blocks(model):
    sizes = [len(piece) for piece in model.batches(2 * GROUP * BLOCK + 5)]
    assert sizes == [GROUP * BLOCK, GROUP * BLOCK, 5]


def test_nothing_is_drawn_ahead_of_its_need(model):
    """A million rows a piece at a time: memory stays that of a few pieces."""
    tracemalloc.start()
    for _ in model.batches(200_000, run=Run(workers=1)):
        pass
    few = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    for _ in model.batches(1_000_000, run=Run(workers=1)):
        pass
    many = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert many < 1.5 * few


def test_a_negative_number_of_rows_is_refused(model):
    with pytest.raises(UsageError, match="cannot sample -1 rows"):
        model.sample(-1)


def test_a_wrong_condition_is_told_even_for_no_rows(model):
    with pytest.raises(SchemaError, match="no column 'agee'"):
        model.sample(0, {"agee": 3})


def test_progress_counts_the_pieces(model):
    told = []
    model.sample(3 * GROUP * BLOCK, run=Run(on_progress=told.append))
    assert told[-1] == Progress("sample", 3, 3)


def test_a_generator_that_is_left_early_ends_its_workers(model):
    pieces = model.batches(10**9)
    next(pieces)
    pieces.close()
    with pytest.raises(StopIteration):
        next(pieces)


def normal(block):
    return table(pl.DataFrame({"x": block.rng().normal(size=block.rows)}))


EMPTY = table(pl.DataFrame(schema={"x": pl.Float64}))


@pytest.mark.parametrize("threads", [True, False])
def test_floats_are_sampled_in_blocks_too(threads):
    sampler = BlockSampler(normal, EMPTY, threads=threads)
    long = sampler.sample(20 * BLOCK, Run(seed=Seed(3), workers=3)).frame
    short = sampler.sample(10, Run(seed=Seed(3), workers=1)).frame
    assert long.head(10).equals(short)
    assert long["x"].n_unique() == 20 * BLOCK, "no two blocks share their randomness"
    assert sampler.sample(0).frame.equals(EMPTY.frame)


def test_a_sampler_without_threads_draws_one_block_after_the_other():
    import threading

    seen = set()

    def draw(block):
        seen.add(threading.get_ident())
        return normal(block)

    BlockSampler(draw, EMPTY, threads=False).sample(3 * GROUP * BLOCK, Run(workers=4))
    assert len(seen) == 1
