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
from artesian.forecasting.model.exhaustion import checked
from artesian.forecasting.model.internet_users import at, online, summed

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
    checked(years)
    bytes_per_token = 6 - inputs.draw("web.bytes_below_six", draws, seed)
    text = inputs.draw(pages, draws, seed) * inputs.draw("web.bytes_per_page", draws, seed)
    larger = inputs.draw("web.page_growth", draws, seed)
    more = inputs.draw("web.page_count_growth", draws, seed)
    passed = years - inputs.median("web.year")
    grown = np.exp(np.log(larger * more)[:, np.newaxis] * passed)
    return np.asarray((text / bytes_per_token)[:, np.newaxis] * grown, dtype=np.float64)


def effective_stock(
    inputs: Inputs, years: Array, draws: int, seed: Seed, *, pages: str = "web.pages"
) -> Array:
    """What the indexed web is worth in training: good enough, not withdrawn, repeated.

    Arguments as those of `web_stock`.

    Returns:
        Tokens, (draws, years).
    """
    return web_stock(inputs, years, draws, seed, pages=pages) * _worth(inputs, years, draws, seed)


def effective_users_stock(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    """The same of all text that users have put on the internet: tokens, (draws, years)."""
    return users_stock(inputs, years, draws, seed) * _worth(inputs, years, draws, seed)


def _worth(inputs: Inputs, years: Array, draws: int, seed: Seed) -> Array:
    worth = inputs.draw("web.quality", draws, seed)
    worth = worth * levers.epochs(inputs, draws, seed, otherwise="web.epochs")
    return worth[:, np.newaxis] * levers.on_stock(inputs, years, draws, seed)


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
    checked(years)
    among = inputs.population
    rate, middle = (inputs.median(f"users.online_{name}") for name in ("rate", "middle"))
    people = online(1.0, rate, middle, among)
    person_years = summed(people, years, among) / at(people, inputs.median("users.year"), among)
    return users_rate(inputs, draws, seed)[:, np.newaxis] * person_years


def users_rate(inputs: Inputs, draws: int, seed: Seed) -> Array:
    """Text put on the internet in the year `users.year`: tokens, (draws,)."""

    def known(name: str) -> Array:
        return inputs.draw(f"users.{name}", draws, seed)

    twitter = known("twitter_users") * known("twitter_posts_per_user_day") * DAYS
    twitter = twitter * known("twitter_tokens_per_post") / known("twitter_traffic")
    posts = known("facebook_posts_per_user_month") * known("facebook_tokens_per_post")
    comments = known("facebook_comments_per_user_month") * known("facebook_tokens_per_comment")
    facebook = known("facebook_users") * (posts + comments) * known("facebook_months")
    facebook = facebook / known("facebook_traffic")
    instagram = known("instagram_posts_per_minute") * MINUTES * known("instagram_tokens_per_post")
    instagram = instagram / known("instagram_traffic")
    posts = known("reddit_posts_per_day") * known("reddit_tokens_per_post")
    comments = known("reddit_comments_per_day") * known("reddit_tokens_per_comment")
    reddit = (posts + comments) * DAYS / known("reddit_traffic")
    platforms = np.stack([twitter, facebook, instagram, reddit], axis=1)
    choice = seed.child("platform").rng().integers(platforms.shape[1], size=draws)
    messages = known("messages_per_day") * DAYS * known("tokens_per_message")
    return np.asarray(platforms[np.arange(draws), choice] + messages, dtype=np.float64)
