"""`python -m minping_engine`: the same command as `minping`."""

from minping_engine.cli import main

main()
