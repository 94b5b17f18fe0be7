"""A scheme in words: what its manual says, and what its keys mean.

In: a `LoadedScheme`. Out: `Manual`, plain data that writers print (`reporting/manual`), in Chinese or
English. `reference` tells the keys of scheme files from the models themselves.
"""

from typing import TYPE_CHECKING

from minping_engine.terms import lazy_front

if TYPE_CHECKING:
    from minping_engine.scheme.describe.describe import describe_scheme
    from minping_engine.scheme.describe.document import Block, Chapter, Heading, Line, Lines, Manual, Table
    from minping_engine.scheme.describe.proposals import ProposalWords, proposal_words
    from minping_engine.scheme.describe.reference import reference_markdown, reference_text
    from minping_engine.scheme.describe.values import (
        DescribedValue,
        described_values,
        value_state,
        values_in_words,
    )

_HOMES = {
    "describe": ("describe_scheme",),
    "document": ("Block", "Chapter", "Heading", "Line", "Lines", "Manual", "Table"),
    "proposals": ("ProposalWords", "proposal_words"),
    "reference": ("reference_markdown", "reference_text"),
    "values": ("DescribedValue", "described_values", "value_state", "values_in_words"),
}
__all__ = [
    "Block",
    "Chapter",
    "DescribedValue",
    "Heading",
    "Line",
    "Lines",
    "Manual",
    "ProposalWords",
    "Table",
    "describe_scheme",
    "described_values",
    "proposal_words",
    "reference_markdown",
    "reference_text",
    "value_state",
    "values_in_words",
]

__getattr__ = lazy_front(__name__, {name: home for home, names in _HOMES.items() for name in names})
