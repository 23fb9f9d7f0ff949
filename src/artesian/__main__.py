"""The command `artesian`, also as `python -m artesian`."""

import os

from artesian.cli.signals import exit_code, install

MIN_DESCRIPTORS, ENOUGH_DESCRIPTORS = 24, 1024
"""Open files without which the libraries do not start, and that are enough for every run."""


def main() -> None:
    """Listen to signals, then load the rest, which takes a moment, and run the command."""
    _require_descriptors()
    try:
        install()
        from artesian.cli.app import main as run

        run()
    except KeyboardInterrupt:
        os._exit(exit_code() or 130)


def _require_descriptors() -> None:
    """Raise the limit of open files if it is low; libraries panic below what they need to start."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= ENOUGH_DESCRIPTORS:
        return
    unlimited = hard == resource.RLIM_INFINITY
    raised = ENOUGH_DESCRIPTORS if unlimited else min(hard, ENOUGH_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    if raised < MIN_DESCRIPTORS:
        os.write(
            2,
            f"error: this process may open only {raised} files at a time\n"
            f"hint: raise the limit, as by ulimit -n {ENOUGH_DESCRIPTORS}\n".encode(),
        )
        os._exit(1)


if __name__ == "__main__":
    main()
