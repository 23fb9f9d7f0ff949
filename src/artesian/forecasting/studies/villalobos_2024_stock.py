"""How much text there is: the stocks of Villalobos et al. 2024 (arXiv 2211.04325v2), sections 2.2, 2.3.

Interpretations, where the text leaves a choice:

* A token has 6 bytes less a log-normal number of bytes; that number is kept below 5, so that a token
  has at least one byte (it concerns one draw in 200).
* Growth begins at the start of 2024 with a constant rate per draw.
* What users have written is a constant rate per user and year, summed from 1950; the year that has
  begun counts by the part that is past.
* The four platforms are alternatives, each as likely as the other, and not a mean.
* The published stock of the whole web follows if one month of Facebook is counted as its year. So it
  is counted here; `users.facebook_months = 12` puts it right.
"""

from __future__ import annotations

import numpy as np

from artesian.core.run import Seed
from artesian.forecasting.inputs.inputs import Inputs
from artesian.forecasting.inputs.truncated_normal import Array
from artesian.forecasting.model import levers
from artesian.forecasting.model.exhaustion import check_ascending
from artesian.forecasting.model.internet_users import cumulative, users_online, value_in_year

MINUTES, DAYS = 60 * 24 * 365, 365


def web_stock(
    inputs: Inputs, years: Array, draws: int, seed: Seed, *, pages: str = "web.pages"
) -> Array:
    """Text of the indexed web before any filter.

    Args:
        inputs: Those of the group `web` are used.
        years: Ascending decimal years, (years,).
        draws: How many.
        seed: Of the inputs' random values.
        pages: The input that counts the pages: 'web.common_crawl_pages' for Common Crawl alone.

    Returns:
        Tokens, (draws, years).
    """
    check_ascending(years)
    bytes_per_token = 6 - inputs.draw("web.bytes_below_six", draws, seed)
    text = inputs.draw(pages, draws, seed) * inputs.draw("web.bytes_per_page", draws, seed)
    page_growth = inputs.draw("web.page_growth", draws, seed)
    count_growth = inputs.draw("web.page_count_growth", draws, seed)
    elapsed = years - inputs.median("web.year")
    growth = np.exp(np.log(page_growth * count_growth)[:, np.newaxis] * elapsed)
    return np.asarray((text / bytes_per_token)[:, np.newaxis] * growth, dtype=np.float64)


def effective_stock(
    inputs: Inputs, years: Array, draws: int, seed: Seed, *, pages: str = "web.pages"
) -> Array:
    """What the indexed web is worth in training: good enough, not withdrawn, repeated.

    Arguments as those of `web_stock`.

    Returns:
        Tokens, (draws, years).
    """
    return web_stock(inputs, years, draws, seed, pages=pages) * _effective_multiplier(
        inputs, years, draws, seed
    )


def effective_users_stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """The same of all text that users have put on the internet: tokens, (draws, years)."""
    return users_stock(inputs, years, draws, seed) * _effective_multiplier(
        inputs, years, draws, seed
    )


def _effective_multiplier(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    multiplier = inputs.draw("web.quality", draws, seed)
    multiplier = multiplier * levers.repetition_multiplier(
        inputs, draws, seed, default_input="web.epochs"
    )
    return multiplier[:, np.newaxis] * levers.stock_multiplier(inputs, years, draws, seed)


def users_stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """All text that users have put on the internet, messages among it: an upper bound of the web.

    Args:
        inputs: Those of the group `users` are used.
        years: Ascending decimal years, (years,), 1950 to 2101.
        draws: How many.
        seed: Of the inputs' random values.

    Returns:
        Tokens, (draws, years).
    """
    check_ascending(years)
    population_series = inputs.population
    rate, midpoint = (inputs.median(f"users.online_{name}") for name in ("rate", "midpoint"))
    people = users_online(1.0, rate, midpoint, population_series)
    person_years = cumulative(people, years, population_series) / value_in_year(
        people, inputs.median("users.year"), population_series
    )
    return users_text_per_year(inputs, draws, seed)[:, np.newaxis] * person_years


def users_text_per_year(inputs: Inputs, draws: int, seed: Seed) -> Array:
    """Text put on the internet in the year `users.year`: tokens, (draws,)."""

    def draw(name: str) -> Array:
        return inputs.draw(f"users.{name}", draws, seed)

    twitter = draw("twitter_users") * draw("twitter_posts_per_user_day") * DAYS
    twitter = twitter * draw("twitter_tokens_per_post") / draw("twitter_traffic")
    posts = draw("facebook_posts_per_user_month") * draw("facebook_tokens_per_post")
    comments = draw("facebook_comments_per_user_month") * draw("facebook_tokens_per_comment")
    facebook = draw("facebook_users") * (posts + comments) * draw("facebook_months")
    facebook = facebook / draw("facebook_traffic")
    instagram = draw("instagram_posts_per_minute") * MINUTES * draw("instagram_tokens_per_post")
    instagram = instagram / draw("instagram_traffic")
    posts = draw("reddit_posts_per_day") * draw("reddit_tokens_per_post")
    comments = draw("reddit_comments_per_day") * draw("reddit_tokens_per_comment")
    reddit = (posts + comments) * DAYS / draw("reddit_traffic")
    platforms = np.stack([twitter, facebook, instagram, reddit], axis=1)
    choice = seed.child("platform").rng().integers(platforms.shape[1], size=draws)
    messages = draw("messages_per_day") * DAYS * draw("tokens_per_message")
    return np.asarray(platforms[np.arange(draws), choice] + messages, dtype=np.float64)
