"""`python -m artesian` is the command `artesian`."""

from artesian.cli.app import main

main()
