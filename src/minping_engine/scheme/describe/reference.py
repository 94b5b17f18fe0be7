"""The keys of scheme files, told from the models themselves: docstrings, types, defaults.

Out: Markdown for `docs/reference/scheme.md` (`tools/make_reference.py`) and plain text for a terminal
(`minping scheme docs [KEY]`). What stands under a field in the source, in quotation marks, is its
explanation; nothing is told twice.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from minping_engine.errors import InputError
from minping_engine.scheme import model as scheme_model
from minping_engine.scheme.describe.places import PLACES, function_rows, names_rows, unit_rows
from minping_engine.scheme.expressions.words import MOST_CHARACTERS
from minping_engine.scheme.model.words import MILLI, as_written

FILES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("scheme.yaml", scheme_model.Scheme),
    ("values/<id>.yaml", scheme_model.ValueFile),
    ("common/disclosure.yaml", scheme_model.DisclosureFile),
)
MILLI_WORDS = "points (at most three decimals)"
LONGEST_EXPRESSION = f"max_length={MOST_CHARACTERS}"
"""How a text that is an expression is known: by the limit that only those have."""
FILES_ZH = {
    "scheme.yaml": "（方案）", "values/<id>.yaml": "（取值）", "common/disclosure.yaml": "（公开与可靠门槛）",
    "names in expressions": "（表达式可用的名称）", "units": "（单位）", "functions": "（函数）",
}  # fmt: skip
TYPES_ZH = (
    (MILLI_WORDS, "分值（至多三位小数）"), ("whole number", "整数"), ("number", "数"), ("text", "文字"),
    ("true / false", "是否（true / false）"), ("expression", "表达式"), ("any", "任意"),
    ("nothing", "无"), ("its own defaults", "各自的默认值"), ("or", "或"), ("True", "true"),
    ("False", "false"),
)  # fmt: skip
"""Longer words first: the shorter ones are parts of them."""
Models = dict[str, list[type[BaseModel]]]


@dataclass(frozen=True)
class Field:
    """One key of a model."""

    name: str
    type: str
    default: str
    about: str
    is_required: bool


@cache
def models_by_file() -> Models:
    """All models by the file in which they are met first; the rest are shapes of values."""
    found: Models = {}
    seen: list[type[BaseModel]] = []
    for file, root in FILES:
        found[file] = [model for model in _below(root) if model not in seen]
        seen += found[file]
    return found


def _below(root: type[BaseModel], met: tuple[type[BaseModel], ...] = ()) -> list[type[BaseModel]]:
    """The model and all that its fields hold, in the order in which a reader meets them.

    `met` are those on the way: indicators hold indicators.
    """
    found = [root]
    for field in root.model_fields.values():
        for inner in _models_in(field.annotation):
            if inner not in found and inner not in met:
                found += [model for model in _below(inner, (*met, *found)) if model not in found]
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def fields_of(model: type[BaseModel], link: Callable[[str], str] = str) -> list[Field]:
    """The keys of a model; `link` writes the name of another model."""
    told = field_docs(model)
    return [
        Field(
            field.alias or name,
            type_words(field.annotation, field, link),
            "" if field.is_required() else _default(field),
            told.get(name, ""),
            field.is_required(),
        )
        for name, field in model.model_fields.items()
    ]


@cache
def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """What stands in quotation marks under the fields of a model, those it inherits too."""
    told: dict[str, str] = {}
    for part in reversed(
        [part for part in model.__mro__ if issubclass(part, BaseModel) and part.model_fields]
    ):
        body = ast.parse(textwrap.dedent(inspect.getsource(part))).body[0]
        told |= dict(_told(body.body)) if isinstance(body, ast.ClassDef) else {}
    return told


def _told(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, after in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            yield field.target.id, " ".join(str(after.value.value).split())


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, BaseModel) or value in (None, ()):
        return "nothing" if not isinstance(value, BaseModel) else "its own defaults"
    if _is_milli(field) and isinstance(value, int):
        value = as_written(Fraction(value, MILLI))
    return str(as_written(value)) if isinstance(value, Fraction) else str(value)


def _is_milli(field: FieldInfo) -> bool:
    return any("milli" in str(getattr(part, "func", "")) for part in field.metadata)


def type_words(annotation: Any, field: FieldInfo | None = None, link: Callable[[str], str] = str) -> str:
    """A type as an official reads it."""
    if field is not None and _is_milli(field):
        return MILLI_WORDS
    if field is not None and annotation is str and LONGEST_EXPRESSION in str(field.metadata):
        return "expression"
    simple = {
        int: "whole number",
        float: "number",
        str: "text",
        bool: "true / false",
        Any: "any",
        Fraction: "number",
    }
    if annotation in simple:
        return simple[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " / ".join(f"`{word.value}`" for word in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return link(annotation.__name__)
    return _compound_words(annotation, link)


def _compound_words(annotation: Any, link: Callable[[str], str]) -> str:
    parts = [part for part in get_args(annotation) if part not in (Ellipsis, type(None))]
    name = getattr(get_origin(annotation), "__name__", "")
    if name == "Literal":
        return " / ".join(f"`{part}`" for part in parts)
    if name == "tuple":
        return "list of " + type_words(parts[0], None, link)
    if name == "dict":
        return f"{type_words(parts[1], None, link)} by {type_words(parts[0], None, link)}"
    if hasattr(annotation, "__metadata__"):
        marks = str(annotation.__metadata__)
        if "milli" in marks or LONGEST_EXPRESSION in marks:
            return MILLI_WORDS if "milli" in marks else "expression"
        return type_words(parts[0], None, link)
    return " or ".join(dict.fromkeys(type_words(part, None, link) for part in parts))


def kind_of(model: type[BaseModel]) -> str:
    """`kind: linear`: by which key and word one of several kinds is chosen."""
    for name in ("of", "kind"):
        field = model.model_fields.get(name)
        words = get_args(field.annotation) if field is not None else ()
        if field is not None and field.is_required() and len(words) == 1:
            return f"`{name}: {words[0]}`"
    return ""


def _about(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


# ---- Markdown


def reference_markdown() -> str:
    """Everything as Markdown, from `## scheme.yaml` on."""
    lines: list[str] = []
    for file, models in models_by_file().items():
        lines += [f"## {file}", ""]
        for model in models:
            lines += [*model_markdown(model), ""]
    return "\n".join([*lines, *_expressions_markdown()])


def model_markdown(model: type[BaseModel]) -> list[str]:
    """One model: heading, sentence, table of its keys."""
    rows = [
        (
            f"**`{field.name}`**" if field.is_required else f"`{field.name}`",
            field.type,
            f"`{field.default}`"
            if field.default not in ("", "nothing", "its own defaults")
            else field.default,
            field.about,
        )
        for field in fields_of(model, link=lambda name: f"[{name}](#{name.lower()})")
    ]
    kind = kind_of(model)
    about = f"{kind}. {_about(model)}" if kind else _about(model)
    head = ("field", "type", "if left out", "meaning")
    return [f"### {model.__name__}", "", about, "", *_table(head, rows)]


def _expressions_markdown() -> list[str]:
    lines = ["## Names in expressions", "", "Which expression may use which names; meaning: [expressions]"]
    lines[-1] += "(../method/expressions.md), order: [points](../method/points.md)."
    lines += ["", *_table(("expression", "names", "gives"), PLACES), ""]
    lines += [*_table(("names", "what they are"), names_rows()), "", "## Units", ""]
    lines += [*_table(("unit", "中文", "English"), unit_rows()), "", "## Functions of expressions", ""]
    return [*lines, *_table(("function", "arguments", "gives"), function_rows())]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)]


# ---- terminal


def reference_text(
    key: str | None = None, *, markdown: bool = False, called: Mapping[str, str] | None = None
) -> str:
    """The whole reference, or what a key or model means; Raises `InputError` for an unknown one.

    `called`: Chinese names of keys (`key` or `Model.key`) and of models (`part_Model`); with them headings,
    types and defaults are Chinese too.
    """
    if key is None:
        return reference_markdown() if markdown else "\n\n".join(_pages(called))
    found = [model for models in models_by_file().values() for model in models if _concerns(model, key)]
    if not found:
        raise InputError.of("cli.unknown_scheme_key", name=key, near=", ".join(_near(key)) or "-")
    if markdown:
        return "\n\n".join("\n".join(model_markdown(model)) for model in found)
    return "\n\n".join(_model_text(model, "" if _is_named(model, key) else key, called) for model in found)


def _is_named(model: type[BaseModel], key: str) -> bool:
    """Whether a key means the model itself: its name, or the word by which its kind is chosen."""
    return key.lower() == model.__name__.lower() or f": {key}`" in kind_of(model)


def _concerns(model: type[BaseModel], key: str) -> bool:
    return _is_named(model, key) or key in {field.name for field in fields_of(model)}


def _near(key: str) -> list[str]:
    known = {
        field.name for models in models_by_file().values() for model in models for field in fields_of(model)
    }
    known |= {model.__name__ for models in models_by_file().values() for model in models}
    return get_close_matches(key, sorted(known), n=3)


def _pages(called: Mapping[str, str] | None) -> Iterator[str]:
    def head(title: str) -> str:
        return f"==== {title}{FILES_ZH.get(title, '') if called else ''}"

    for file, models in models_by_file().items():
        yield head(file)
        yield from (_model_text(model, "", called) for model in models)
    yield (
        head("names in expressions")
        + "\n"
        + "\n".join(f"  {what}\n      {names} -> {gives}" for what, names, gives in PLACES)
    )
    yield "\n".join(f"  {name}: {about}" for name, about in names_rows())
    yield head("units") + "\n" + "\n".join(f"  {unit}  {zh}  {en}" for unit, zh, en in unit_rows())
    yield head("functions") + "\n" + "\n".join(f"  {name}  {gives}" for name, _, gives in function_rows())


def _model_text(model: type[BaseModel], only: str, called: Mapping[str, str] | None) -> str:
    """A model, or one key of it, for people at a terminal."""
    kind, name = kind_of(model), model.__name__
    chinese = (called or {}).get(f"part_{name}", "")
    head = f"{name}{f'（{chinese}）' if chinese else ''}{f'  ({kind})' if kind else ''}"
    lines = [head.replace("`", ""), f"  {_about(model)}"]
    for field in fields_of(model):
        if only in ("", field.name):
            lines.append(_field_text(name, field, called).replace("`", ""))
            lines += [f"        {field.about}"] if field.about else []
    return "\n".join(lines)


def _field_text(model: str, field: Field, called: Mapping[str, str] | None) -> str:
    """A key with its type, and whether it must be given."""
    if called is None:
        needed = "must be given" if field.is_required else f"if left out: {field.default}"
        return f"    {field.name}: {field.type}  [{needed}]"
    names = (f"{model}.{field.name}", f"{model}.{field.name}_", field.name, f"{field.name}_")
    title = next((called[name] for name in names if name in called), "")
    needed = "必填" if field.is_required else f"不写时：{_in_chinese(field.default)}"
    return f"    {field.name}{f'（{title}）' if title else ''}: {_in_chinese(field.type)}  [{needed}]"


def _in_chinese(words: str) -> str:
    """Types and defaults in Chinese; names of models and closed words stay as they are written."""
    words = words.replace("list of ", "列表：").replace(" by ", "，按")
    for english, chinese in TYPES_ZH:
        words = re.sub(rf"(?<![\w`]){re.escape(english)}(?![\w`])", chinese, words)
    return words
