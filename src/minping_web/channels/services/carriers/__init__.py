"""Carriers: one protocol, a folder on this machine, an HTTP interface described by data.

A carrier gets parcels with keys of their own and answers each with an outcome. It never raises for what a
network may do, and it does not know batches. `carrier_of` makes the one that a provider's row describes.
"""

from minping_web.channels.models import Provider
from minping_web.channels.services.carriers.file import (
    FileCarrier,
    batch_file,
    erase_batch_file,
    outbox_folder,
)
from minping_web.channels.services.carriers.http import HttpCarrier
from minping_web.channels.services.carriers.protocol import Carrier, Outcome, Parcel, Receipt

__all__ = ["Carrier", "FileCarrier", "HttpCarrier", "Outcome", "Parcel", "Receipt", "batch_file",
           "carrier_of", "erase_batch_file", "outbox_folder"]  # fmt: skip


def carrier_of(provider: Provider, outbox_name: str) -> Carrier:
    """The carrier of a provider; a folder gets one file per batch, named by the batch."""
    if provider.kind == Provider.Kind.HTTP:
        return HttpCarrier(
            provider.config, provider.name, provider.per_second, idempotent=provider.idempotent
        )
    return FileCarrier(outbox_name)
