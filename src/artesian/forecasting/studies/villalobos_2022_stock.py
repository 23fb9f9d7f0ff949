"""Stocks of language and image data of Villalobos et al. 2022 (arXiv 2211.04325v1).

Interpretations where the text is ambiguous:

* A yearly rate is that of 2022; the stock at the start of a year is the sum of the rate from 1950,
  proportional to the internet users of each year.
* Common Crawl grows by the same amount each year, from zero at the start of 2016.
* A sample of a mixture comes from one component for all years. The mixture of images is replaced, year
  by year, by a normal distribution on log10 with the 5 % and 95 % quantiles of the mixture.
* The books of the publishing rate are its sum over a past that grew at the rate of the economy.
* The external estimate of images is a yearly one.
* The study adds one day of blogs to one year of the other platforms; here a year of blogs is added
  (`study_2022.low_quality.blog_days = 1` reproduces the study).
"""

from __future__ import annotations

import numpy as np

from artesian.core.errors import UsageError
from artesian.core.run import Seed
from artesian.forecasting.inputs.distributions import Fixed, Normal
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model.exhaustion import check_ascending
from artesian.forecasting.model.internet_users import cumulative, users_online, value_in_year
from artesian.forecasting.series.bundled_data import population

MINUTES, DAYS, MONTHS = 60 * 24 * 365, 365, 12
LOW_QUALITY = ("users", "platforms", "common_crawl", "speech")


def low_quality(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Sample the stock of all language: a mixture of four estimates.

    Args:
        inputs: Uses group `study_2022`.
        years: Ascending decimal years, (years,), 1950 to 2101.
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

    Returns:
        Words, (draws, years).

    Raises:
        UsageError: All four weights are zero.
    """
    check_ascending(years)
    weights = np.array([inputs.median(f"study_2022.low_quality.weight_{n}") for n in LOW_QUALITY])
    if weights.sum() == 0:
        raise UsageError(
            "all weights of study_2022.low_quality are 0",
            hint="give one of them a positive value",
        )
    choice = seed.child("part").rng().choice(weights.size, size=draws, p=weights / weights.sum())
    by_name = low_quality_parts(inputs, years, draws, seed)
    parts = [by_name[name] for name in LOW_QUALITY]
    amounts = np.stack([amount for amount, _ in parts])[choice, np.arange(draws)]
    return np.asarray(amounts[:, np.newaxis] * np.stack([growth for _, growth in parts])[choice])


def low_quality_parts(
    inputs: Inputs, years: Array, draws: int, seed: Seed
) -> dict[str, tuple[Array, Array]]:
    """Sample the four estimates of the stock of language; arguments as in `low_quality`.

    Returns:
        By name ('users', 'platforms', 'common_crawl', 'speech'), an amount, (draws,), and a factor of
        each year, (years,). The stock in words is their product.
    """

    def draw(name: str) -> Array:
        return inputs.draw(f"study_2022.low_quality.{name}", draws, seed)

    spoken = draw("video_hours") * MINUTES * draw("video_speech") * draw("video_words")
    posted = draw("posts_per_day") * DAYS * draw("words_per_post")
    blogged = draw("blogs_per_day") * draw("blog_days") * draw("words_per_blog")
    platforms = (spoken + posted + blogged) / draw("platform_fraction")
    people = _users_online(inputs)
    users = draw("words_per_user") * value_in_year(
        people, inputs.median("study_2022.year"), inputs.population
    )
    crawl = MONTHS * draw("crawl_text") * draw("crawl_new") / (1 - draw("crawl_compression"))
    crawl = crawl * inputs.median("study_2022.words_per_terabyte")
    since = np.maximum(years - inputs.median("study_2022.low_quality.crawl_from"), 0.0)
    calendar, people = population() if inputs.population is None else inputs.population
    midpoint = inputs.median("study_2022.low_quality.recording_midpoint")
    width = inputs.median("study_2022.low_quality.recording_width")
    recorders = people / (1 + np.exp(-(calendar - midpoint) / width))
    speech = draw("spoken_words") * draw("recorded") * DAYS
    person_years = _person_years(inputs, years)
    return {
        "users": (users, person_years),
        "platforms": (platforms, person_years),
        "common_crawl": (crawl, since),
        "speech": (speech, cumulative(recorders, years, inputs.population)),
    }


def high_quality(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Sample the stock of curated language: books, papers, code and similar text.

    Arguments as in `low_quality`.

    Returns:
        Words, (draws, years).
    """
    check_ascending(years)

    def draw(name: str) -> Array:
        return inputs.draw(f"study_2022.high_quality.{name}", draws, seed)

    growth = np.log(draw("growth"))
    terabytes = draw("code") * draw("code_source")
    code = terabytes * inputs.median("study_2022.words_per_terabyte")
    papers = draw("papers") * draw("words_per_paper")
    published = draw("books_per_year") * draw("digitised") / growth
    books = draw("words_per_book") * (draw("books") + published) / 2
    stock = (code + papers + books) / draw("covered_fraction")
    elapsed = years - inputs.median("study_2022.year")
    return np.asarray(stock[:, np.newaxis] * np.exp(growth[:, np.newaxis] * elapsed))


def images(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Sample the stock of images on the internet; arguments as in `low_quality`.

    Returns:
        Images, (draws, years).
    """
    check_ascending(years)

    def draw(name: str) -> Array:
        return inputs.draw(f"study_2022.images.{name}", draws, seed)

    video = draw("video_hours") * MINUTES * draw("frames") * draw("useful")
    photos = draw("photos_per_day") * DAYS / draw("shares_per_photo")
    by_platforms = seed.child("part").rng().random(draws) < draw("weight_platforms")
    rate = np.where(by_platforms, video + photos, draw("external"))
    # Both components are proportional to users: the mixture differs between years only by a factor.
    low, high = np.quantile(np.log10(rate), (0.05, 0.95))
    # Inputs without uncertainty give equal quantiles.
    distribution = Normal(low, high, 0.9) if high > low else Fixed(float(low))
    smooth = distribution.draw(seed.child("smooth").rng(), draws)
    return np.asarray(10.0 ** smooth[:, np.newaxis] * _person_years(inputs, years))


def _users_online(inputs: Inputs) -> Array:
    ceiling, rate, midpoint = (
        inputs.median(f"study_2022.online_{name}") for name in ("ceiling", "rate", "midpoint")
    )
    return users_online(ceiling, rate, midpoint, inputs.population)


def _person_years(inputs: Inputs, years: Array) -> Array:
    people = _users_online(inputs)
    now = value_in_year(people, inputs.median("study_2022.year"), inputs.population)
    return cumulative(people, years, inputs.population) / now
