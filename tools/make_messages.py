"""Keep the Chinese texts of the product in step with its code: extract, merge, compile.

In: `{% trans %}` and `gettext` in each app of `src/minping_web`, found by Django with gettext's xgettext.
Out: each app's `locale/zh_Hans/LC_MESSAGES/django.po`, with the known Chinese kept and nothing guessed, and
the compiled `.mo` beside it. A message that has no Chinese yet is written empty and named. With `--check`
nothing is written: messages missing, left over, untranslated or not compiled are named, exit code 1.

    python -m tools.make_messages [--check]
"""

from __future__ import annotations

import ast
import gettext
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

PRODUCT = Path(__file__).resolve().parents[1] / "src" / "minping_web"
CATALOGUE = Path("locale") / "zh_Hans" / "LC_MESSAGES" / "django.po"
HEADER = """# Chinese texts of the app {app}; made by tools/make_messages.py, the Chinese is written by hand.
msgid ""
msgstr ""
"Project-Id-Version: Minping\\n"
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""
LINE = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[0\])?) )?(".*")')


@dataclass(frozen=True)
class Message:
    """One text of a catalogue; `plural` is empty where the English has one form only."""

    text: str
    context: str = ""
    plural: str = ""
    chinese: str = ""
    flags: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What gettext looks up: a context tells apart equal English of different meaning."""
        return self.context, self.text

    @property
    def known_as(self) -> str:
        """The key inside a compiled catalogue."""
        return f"{self.context}\x04{self.text}" if self.context else self.text


def apps() -> list[str]:
    """The apps of the product that have texts."""
    return sorted(path.parents[3].name for path in PRODUCT.glob(f"*/{CATALOGUE.as_posix()}"))


def catalogue_of(app: str) -> Path:
    """Where an app keeps its Chinese."""
    return PRODUCT / app / CATALOGUE


def parsed(text: str) -> list[Message]:
    """The messages of a .po or .pot file in its order, without the header and obsolete ones."""
    blocks = re.split(r"\n[ \t]*\n", text)
    messages = (_message(block.splitlines()) for block in blocks)
    return [message for message in messages if message.text]


def _message(lines: Sequence[str]) -> Message:
    parts: dict[str, str] = {}
    key = ""
    for line in lines:
        if found := LINE.fullmatch(line.strip()):
            key = found[1] or key
            parts[key] = parts.get(key, "") + ast.literal_eval(found[2])
    return Message(
        parts.get("msgid", ""),
        parts.get("msgctxt", ""),
        parts.get("msgid_plural", ""),
        parts.get("msgstr", parts.get("msgstr[0]", "")),
        " ".join(line[2:].strip() for line in lines if line.startswith("#,")),
    )


def written(app: str, messages: Iterable[Message]) -> str:
    """A whole .po file."""
    return "\n".join([HEADER.format(app=app), *(_block(message) for message in messages)])


def _block(message: Message) -> str:
    parts = [f"#, {message.flags}"] if message.flags else []
    if message.context:
        parts.append(f"msgctxt {_quoted(message.context)}")
    parts.append(f"msgid {_quoted(message.text)}")
    if message.plural:
        parts.append(f"msgid_plural {_quoted(message.plural)}")
    parts.append(f"msgstr{'[0]' if message.plural else ''} {_quoted(message.chinese)}")
    return "\n".join(parts) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n")
    return f'"{escaped}"'


def extracted() -> dict[str, list[Message]]:
    """App -> the messages that its code and templates ask for; works on a copy, the tree stays as it is."""
    with tempfile.TemporaryDirectory(prefix="minping-messages-") as folder:
        copy = Path(folder) / "minping_web"
        shutil.copytree(PRODUCT, copy, ignore=shutil.ignore_patterns("static", "__pycache__", "*.po", "*.mo"))
        # -P: an app's own `selectors.py` must not stand in for the standard library's.
        command = [sys.executable, "-P", "-m", "django", "makemessages", "-l", "zh_Hans", "--keep-pot"]
        run = subprocess.run(
            [*command, "--no-location", "--no-wrap"], cwd=copy, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise SystemExit(run.stderr)
        return {app: parsed((copy / app / "locale" / "django.pot").read_text("utf-8")) for app in apps()}


def merged(wanted: Sequence[Message], known: Sequence[Message]) -> list[Message]:
    """What the code asks for, with the Chinese that is known; fuzzy guesses are not taken."""
    chinese = {message.key: message.chinese for message in known if "fuzzy" not in message.flags}
    return [replace(message, chinese=chinese.get(message.key, "")) for message in wanted]


def compiled(path: Path) -> dict[str, str]:
    """The texts of a .mo file by their keys."""
    with path.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    return {key[0] if isinstance(key, tuple) else key: text for key, text in catalogue.items() if key}


def faults_of(app: str, wanted: Sequence[Message]) -> list[str]:
    """What is out of step in one app, each as a line for people."""
    known = parsed(catalogue_of(app).read_text("utf-8"))
    keys, asked = {message.key for message in known}, {message.key for message in wanted}
    faults = [f"not in the catalogue: {message.text!r}" for message in wanted if message.key not in keys]
    faults += [f"no longer in the code: {message.text!r}" for message in known if message.key not in asked]
    return [f"{app}: {fault}" for fault in faults + faults_inside(app, known)]


def faults_inside(app: str, known: Sequence[Message]) -> list[str]:
    """What a catalogue shows by itself: gaps, guesses, an old compiled file."""
    faults = [f"untranslated: {message.text!r}" for message in known if not message.chinese]
    faults += [f"fuzzy: {message.text!r}" for message in known if "fuzzy" in message.flags]
    if "\n#~" in catalogue_of(app).read_text("utf-8"):
        faults.append("obsolete entries")
    expected = {message.known_as: message.chinese for message in known if message.chinese}
    if compiled(catalogue_of(app).with_suffix(".mo")) != expected:
        faults.append("the compiled catalogue is out of step")
    return faults


def make(app: str, wanted: Sequence[Message]) -> list[str]:
    """Write and compile one app's catalogue; returns what still has no Chinese."""
    path = catalogue_of(app)
    messages = merged(wanted, parsed(path.read_text("utf-8")))
    path.write_text(written(app, messages), "utf-8")
    subprocess.run(["msgfmt", "--check-format", "-o", path.with_suffix(".mo"), path], check=True)
    return [f"{app}: untranslated: {message.text!r}" for message in messages if not message.chinese]


def main(arguments: Sequence[str]) -> int:
    """Write all catalogues, or with `--check` only say what is out of step."""
    if not shutil.which("xgettext"):
        sys.stderr.write("gettext is missing: run tools/system-packages.sh\n")
        return 2
    step = faults_of if "--check" in arguments else make
    lines = [line for app, wanted in extracted().items() for line in step(app, wanted)]
    sys.stderr.writelines(f"{line}\n" for line in lines)
    if lines:
        sys.stderr.write("Run python -m tools.make_messages and write the missing Chinese.\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
