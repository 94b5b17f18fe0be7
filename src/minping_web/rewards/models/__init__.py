"""Tables of rewards: sheets with lines and signatures, budgets, statements, exports, standings."""

from minping_web.rewards.models.exports import PayrollExport
from minping_web.rewards.models.sheets import Budget, Line, Sheet, Signature, Statement, Step
from minping_web.rewards.models.standings import Standing

__all__ = ["Budget", "Line", "PayrollExport", "Sheet", "Signature", "Standing", "Statement", "Step"]
