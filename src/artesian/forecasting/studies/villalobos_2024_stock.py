"""Stocks of text of Villalobos et al. 2024 (arXiv 2211.04325v2), sections 2.2 and 2.3.

Interpretations where the text is ambiguous:

* The bytes per token are 6 minus a log-normal number, which is truncated below 5 so that a token has at
  least one byte (this concerns one sample in 200).
* Growth starts at the start of 2024, with a constant rate per sample.
* Text written by users is a constant rate per user and year, summed from 1950; a partial year
  contributes its elapsed fraction.
* The four platforms are alternatives with equal probability, not averaged.
* The published stock of the whole web counts one month of Facebook as a year, and so do the defaults
  here; `users.facebook_months = 12` corrects it.
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
    """Sample the stock of text on the indexed web, unfiltered.

    Args:
        inputs: Uses group `web`.
        years: Ascending decimal years, (years,).
        draws: Number of samples.
        seed: Parent of the inputs' random streams.
        pages: Input with the number of pages; 'web.common_crawl_pages' for Common Crawl alone.

    Returns:
        Tokens, (draws, years).
    """
    check_ascending(years)
    bytes_per_token = 6 - inputs.draw("web.bytes_below_six", draws, seed)
    text = inputs.draw(pages, draws, seed) * inputs.draw("web.bytes_per_page", draws, seed)
    page_growth = inputs.draw("web.page_growth", draws, seed)
    count_growth = inputs.draw("web.page_count_growth", draws, seed)
    elapsed = years - inputs.median("web.year")
    stock: Array = np.log(page_growth * count_growth)[:, np.newaxis] * elapsed
    # In place: allocating such arrays takes as long as the arithmetic.
    np.exp(stock, out=stock)
    stock *= (text / bytes_per_token)[:, np.newaxis]
    return stock


def effective_stock(
    inputs: Inputs, years: Array, draws: int, seed: Seed, *, pages: str = "web.pages"
) -> Array:
    """Sample the effective stock of the indexed web: filtered, without opt-outs, with repetition.

    Arguments as in `web_stock`; also uses group `levers`.

    Returns:
        Tokens, (draws, years).
    """
    stock = web_stock(inputs, years, draws, seed, pages=pages)
    return _effective(stock, inputs, years, draws, seed)


def effective_users_stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Sample the effective stock of all text written by users: tokens, (draws, years)."""
    stock = users_stock(inputs, years, draws, seed)
    return _effective(stock, inputs, years, draws, seed)


def _effective(stock: Array, inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Apply quality, levers and repetition to a stock, in place."""
    quality = inputs.draw("web.quality", draws, seed)
    stock *= levers.stock_multiplier(inputs, years, draws, seed, quality=quality)
    added = levers.additional_stock(inputs, years, draws, seed, quality=quality)
    if added is not None:
        stock += added
    stock *= levers.repetition_multiplier(inputs, years, draws, seed, default_input="web.epochs")
    return stock


def users_stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """Sample the stock of all text written by internet users, including messages.

    This is an upper bound of the stock of the web.

    Args:
        inputs: Uses group `users`.
        years: Ascending decimal years, (years,), 1950 to 2101.
        draws: Number of samples.
        seed: Parent of the inputs' random streams.

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
    """Sample the text uploaded in the year `users.year`: tokens, (draws,)."""

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
