"""Writes of schemes: freeze a version, end its pilot. One call, one transaction, one entry in the ledger."""

from minping_web.schemes.services.freezing import end_pilot, freeze_version

__all__ = ["end_pilot", "freeze_version"]
