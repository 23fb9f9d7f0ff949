"""Settings of every test run."""

import importlib.util

if importlib.util.find_spec("hypothesis") is not None:  # tests/minimal runs without it
    from hypothesis import settings

    # Deadlines measure the machine, not the code: a loaded one would fail at random.
    settings.register_profile("artesian", deadline=None)
    settings.load_profile("artesian")
