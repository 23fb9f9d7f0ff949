"""Settings of every test run."""

import importlib.util
import os
import signal

if "PYTEST_XDIST_WORKER" in os.environ:
    # Each process is a core's work already; threads of libraries in each would wait for each other.
    for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"):
        os.environ.setdefault(_library, "1")

# Signals that are ignored, as in the background of a shell and by nohup, would be ignored by the
# commands that tests start, too. A handler that does nothing is not passed on to them.
for _name in ("SIGHUP", "SIGINT", "SIGQUIT"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

if importlib.util.find_spec("hypothesis") is not None:  # tests/minimal runs without it
    from hypothesis import settings

    # Deadlines measure the machine, not the code: a loaded one would fail at random. The same examples
    # in every run, so that a change fails for what it changed; `make test-explore` draws new ones.
    settings.register_profile("artesian", deadline=None, derandomize=True, database=None)
    settings.register_profile("explore", deadline=None, max_examples=1000)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "artesian"))
