"""Expressions in words: the tree of a condition or formula, told from the leaves upwards.

In: the text of an expression and the names' titles. Out: a sentence such as "verified complaints at
least 1"; a reader who doubts the words finds the text beside it. Every part that the parser lets
through has words, so nothing falls back to signs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from minping_engine.errors import Place
from minping_engine.scheme.describe.blanks import is_blank
from minping_engine.scheme.describe.document import Line
from minping_engine.scheme.describe.titles import Titles
from minping_engine.scheme.describe.wording import Wording
from minping_engine.scheme.expressions import Unit
from minping_engine.scheme.expressions.parse import parse
from minping_engine.scheme.expressions.tree import CASE, CASE_OF, LITERAL, NAME, NEGATIVE, Node

COMPARED = {
    ">=": "at_least", "<=": "at_most", ">": "above", "<": "below", "=": "equals", "<>": "differs",
}  # fmt: skip
TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "=": "=", "<>": "<>"}
NEGATED = {">=": "<", "<=": ">", ">": "<=", "<": ">=", "=": "<>", "<>": "="}
AMOUNTS = frozenset(
    {Unit.COUNT, Unit.HOUSEHOLDS, Unit.PERSONS, Unit.TIMES, Unit.MINUTES, Unit.HOURS, Unit.DAYS, Unit.FEN}
)
"""Units of which there are few or many; the others are low or high."""
SIGNS = {"+": " ＋ ", "-": " － ", "*": " × ", "/": " ÷ "}
BINDS = {"OR": 1, "AND": 2, "+": 4, "-": 4, "*": 5, "/": 5}
CHANGES = {"<": "fell", ">": "rose", ">=": "not_fallen", "<=": "not_risen", "=": "same"}


@dataclass(frozen=True)
class Spoken:
    """Says expressions of one scheme in one language."""

    wording: Wording
    titles: Titles
    here: tuple[tuple[str, str], ...] = ()
    """Names that stand for something else at this place: `measure`."""

    def line(self, text: str) -> Line:
        """The expression in words, its text in small print; one to fill in is a line."""
        if is_blank(text):
            return Line(self.wording.blank())
        return Line(self.words(text), " ".join(text.split()))

    def words(self, text: str) -> str:
        """The expression in words; its text where it cannot be read."""
        if is_blank(text):
            return self.wording.blank()
        tree = parse(text, Place()).tree
        return text if tree is None else self._say(tree)

    def _say(self, node: Node, unit: Unit | None = None) -> str:
        if node.op in {LITERAL, NAME}:
            return self._literal(node, unit) if node.op == LITERAL else self._name(node)
        if node.op in COMPARED:
            return self._compared(node)
        if node.op in BINDS:
            return self._joined(node)
        special: dict[str, Callable[[Node], str]] = {
            NEGATIVE: lambda part: f"－{self._say(part.parts[0])}",
            "NOT": lambda part: self._not(part.parts[0]),
            "IS NULL": lambda part: self._told("is_unknown", part),
            "IN": lambda part: self._in(part, "is_one_of"),
            "BETWEEN": lambda part: self._between(part, "lies_between"),
            CASE: self._case,
            CASE_OF: self._case_of,
        }
        return special[node.op](node) if node.op in special else self._function(node)

    def _name(self, node: Node) -> str:
        name = str(node.value)
        found, swapped = self.titles[name], dict(self.here)
        if name in swapped:
            return swapped[name]
        if found.number is not None:
            return self.wording.say(
                "value_with_title", n=self.wording.amount(found.number, found.unit), title=found.title
            )
        return self.wording.say("triggered", title=found.title) if found.is_event else found.title

    def _literal(self, node: Node, unit: Unit | None) -> str:
        if isinstance(node.value, bool) or node.value is None:
            return self.wording.say(
                "unknown" if node.value is None else f"truth_{'yes' if node.value else 'no'}"
            )
        if isinstance(node.value, Fraction):
            return self.wording.amount(node.value, unit)
        return self.wording.say("quoted", text=self.titles.grades.get(node.value, node.value))

    def _unit(self, node: Node) -> Unit | None:
        """The unit in which literals beside a part are meant."""
        if node.op == NAME:
            return self.titles[str(node.value)].unit
        inner = [self._unit(part) for part in node.parts if part.op != LITERAL]
        same = node.op in {
            "+",
            "-",
            "COALESCE",
            "LEAST",
            "GREATEST",
            "ROUND",
            "FLOOR",
            "CEIL",
            "ABS",
            NEGATIVE,
        }
        return inner[0] if same and inner else None

    def _compared(self, node: Node) -> str:
        left, right, sign = *node.parts, node.op
        if left.op == LITERAL:
            left, right, sign = right, left, TURNED[sign]
        if short := self._short(left, right, sign):
            return short
        unit = self._unit(left)
        word = COMPARED[sign]
        if word in {"at_least", "at_most", "above", "below"} and unit in AMOUNTS:
            word += "_amount"
        if unit is Unit.TEXT and sign in {"=", "<>"}:
            word += "_text"
        return self.wording.say(word, left=self._wrapped(left, 3), right=self._wrapped(right, 3, unit))

    def _short(self, left: Node, right: Node, sign: str) -> str:
        """What people say of grades that rise, fall or stand on a step."""
        if (left.value, sign, right.value) == ("grade_step", "=", "grade_steps"):
            return self.wording.say("step_last")
        if (left.value, sign, right.op) == ("grade_step", ">=", "-"):
            whole, less = right.parts
            if whole.value == "grade_steps" and isinstance(less.value, Fraction):
                return self.wording.say("step_among_last", n=self.wording.amount(less.value + 1))
        number = self._number(right)
        if number is None:
            return ""
        name = str(left.value) if left.op == NAME else ""
        if name == "grade_change" and number == 0 and sign in CHANGES:
            return self.wording.say(f"grade_{CHANGES[sign]}")
        if _is_change_or_none(left) and sign == ">=" and number == 0:
            return self.wording.say("grade_not_fallen_or_first")
        if name == "grade_step" and sign in {"=", ">=", "<="}:
            key = {"=": "step_is", ">=": "step_from", "<=": "step_to"}[sign]
            return self.wording.say(key, n=self._say(right))
        return ""

    def _number(self, node: Node) -> Fraction | None:
        """The number of a literal or of a value."""
        if node.op == NAME:
            return self.titles[str(node.value)].number
        return node.value if node.op == LITERAL and isinstance(node.value, Fraction) else None

    def _joined(self, node: Node) -> str:
        level = BINDS[node.op]
        # What stands right of - and / keeps its brackets: a - (b - c) is not a - b - c.
        # In words AND does not bind before OR, so it gets brackets there.
        parts = [
            self.wording.say("bracketed", text=self._say(part))
            if (node.op, part.op) == ("OR", "AND")
            else self._wrapped(part, level + (number == 1 and node.op in "-/"))
            for number, part in enumerate(node.parts)
        ]
        sign = SIGNS.get(node.op) or self.wording.say("and" if node.op == "AND" else "or")
        return sign.join(parts)

    def _wrapped(self, node: Node, level: int, unit: Unit | None = None) -> str:
        text = self._say(node, unit)
        return self.wording.say("bracketed", text=text) if BINDS.get(node.op, 9) < level else text

    def _not(self, node: Node) -> str:
        if node.op in COMPARED:
            return self._compared(Node(NEGATED[node.op], node.parts))
        if node.op == "IS NULL":
            return self._told("is_known", node)
        if node.op == "IN":
            return self._in(node, "is_none_of")
        if node.op == "BETWEEN":
            return self._between(node, "lies_outside")
        return self._told("is_not", Node("NOT", (node,)))

    def _told(self, key: str, node: Node) -> str:
        return self.wording.say(key, text=self._wrapped(node.parts[0], 9))

    def _in(self, node: Node, key: str) -> str:
        unit = self._unit(node.parts[0])
        listed = self.wording.listed(self._say(part, unit) for part in node.parts[1:])
        return self.wording.say(key, text=self._say(node.parts[0]), listed=listed)

    def _between(self, node: Node, key: str) -> str:
        unit = self._unit(node.parts[0])
        low, high = (self._say(part, unit) for part in node.parts[1:])
        return self.wording.say(key, text=self._say(node.parts[0]), low=low, high=high)

    def _case(self, node: Node) -> str:
        pairs = zip(node.parts[:-1:2], node.parts[1:-1:2], strict=True)
        arms = [(self._say(when), then) for when, then in pairs]
        return self._arms(arms, node.parts[-1])

    def _case_of(self, node: Node) -> str:
        subject, rest = node.parts[0], node.parts[1:]
        pairs = zip(rest[:-1:2], rest[1:-1:2], strict=True)
        arms = [(self._compared(Node("=", (subject, value))), then) for value, then in pairs]
        return self._arms(arms, rest[-1])

    def _arms(self, arms: list[tuple[str, Node]], last: Node) -> str:
        said = [self.wording.say("case_arm", when=when, then=self._say(then)) for when, then in arms]
        said.append(self.wording.say("case_else", then=self._say(last)))
        return self.wording.say("bracketed", text=self.wording.sentences(said))

    def _function(self, node: Node) -> str:
        unit = self._unit(node)
        parts = [self._say(part, unit) for part in node.parts]
        if node.op in {"PERCENT", "SHARE"}:  # only the way of writing changes
            return self._wrapped(node.parts[0], 9)
        if node.op == "YUAN" and node.parts[0].op == LITERAL:
            return self.wording.say("unit_fen", n=parts[0])
        if node.op == "ROUND" and len(parts) == 2:
            return self.wording.say("f_round_to", x=parts[0], n=self._say(node.parts[1]))
        if node.op in {"LEAST", "GREATEST", "COALESCE"}:
            return self.wording.say(
                f"f_{node.op.lower()}",
                first=parts[0],
                x=self.wording.listed(parts),
                rest=self.wording.listed(parts[1:]),
            )
        return self.wording.say(f"f_{node.op.lower()}", x=parts[0], y=parts[-1])


def _is_change_or_none(node: Node) -> bool:
    """`COALESCE(grade_change, 0)`: who had no grade before has neither risen nor fallen."""
    return node.op == "COALESCE" and [part.value for part in node.parts] == ["grade_change", Fraction(0)]
