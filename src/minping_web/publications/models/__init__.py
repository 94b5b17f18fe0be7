"""Tables: publications with their files, orders to publish, certified copies."""

from minping_web.publications.models.copies import CertifiedCopy
from minping_web.publications.models.orders import PublicationOrder
from minping_web.publications.models.publications import Publication, PublishedFile

__all__ = ["CertifiedCopy", "Publication", "PublicationOrder", "PublishedFile"]
