"""`minping scheme docs`, `minping scheme schema`: what scheme files may hold, for people and editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from minping_engine.cli.language import LanguageOption, checked_language

FILES = ("scheme", "values", "example")


def docs_command(
    key: Annotated[
        str | None, typer.Argument(help="键或部分名称 · a key or part, e.g. criterion, linear")
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="输出 Markdown（英文） · as Markdown (English)")
    ] = False,
    lang: LanguageOption = "zh",
) -> None:
    """说明方案文件可以写什么。 What scheme files may hold, key by key."""
    from minping_engine.reporting.texts import texts
    from minping_engine.scheme.describe import reference_text

    # The words that differences of schemes use for keys; explanations are those of the models, in English.
    called = None if checked_language(lang) == "en" else texts("lab", "zh")
    typer.echo(reference_text(key, markdown=markdown, called=called))


def schema_command(
    of: Annotated[str, typer.Option(help="scheme / values / example")] = "scheme",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="写入文件 · write to a file")] = None,
) -> None:
    """输出供编辑器校验的 JSON Schema。 JSON Schema of scheme files, for editors."""
    if of not in FILES:
        raise typer.BadParameter(" / ".join(FILES), param_hint="--of")
    text = schema_text(of)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, "utf-8")


def schema_text(of: str) -> str:
    """The schema of one kind of file, as it is published in `schemes/`."""
    import json

    from minping_engine.assessment.examples.written import Example
    from minping_engine.scheme.json_schema import schema_of, scheme_schema, value_file_schema

    if of == "example":
        schema = schema_of(Example, "Minping worked example")
    else:
        schema = scheme_schema() if of == "scheme" else value_file_schema()
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
