"""What messages cost. Prices are whole li (a tenth of a fen); amounts are rounded up to fen."""

from __future__ import annotations

LI_PER_FEN = 10


def cost_fen(parts: int, price_li: int) -> int:
    """What so many parts cost.

    >>> cost_fen(1, 45), cost_fen(1000, 45)
    (5, 4500)
    """
    return -(-parts * price_li // LI_PER_FEN)


def affordable_parts(fen: int, price_li: int) -> int | None:
    """How many parts an amount pays for; None = as many as one likes."""
    return None if price_li == 0 else fen * LI_PER_FEN // price_li
