"""The command `artesian`, also as `python -m artesian`."""

from artesian.cli.signals import install


def main() -> None:
    """Listen to signals, then load the rest, which takes a moment, and run the command."""
    install()
    try:
        from artesian.cli.app import main as run
    except KeyboardInterrupt:
        from artesian.cli.signals import exit_code

        raise SystemExit(exit_code() or 130) from None
    run()


if __name__ == "__main__":
    main()
