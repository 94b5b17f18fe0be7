"""Minping's assessment engine: sealed snapshot + scheme version -> result.

Pure: no network, no clock, no global randomness. Read the folders in the order of
ARCHITECTURE.md; each package's `__init__` lists what others may use.
"""

__version__ = "0.1.0"
