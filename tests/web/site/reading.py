"""What a person reads on a page: its texts and the attributes that are shown or spoken, and its links."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "wbr"}
UNREAD = {"script", "style", "code", "pre", "kbd"}
SPOKEN = ("title", "placeholder", "aria-label", "alt", "data-label", "data-confirm", "content")


@dataclass(frozen=True)
class Said:
    """One text; `foreign` where the page itself declares another language or a machine's word."""

    text: str
    where: str
    foreign: bool = False


@dataclass
class Page(HTMLParser):
    """Reads a page into `texts` and `links`."""

    texts: list[Said] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    _open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element opens; what it says in attributes is read at once."""
        given = dict(attrs)
        own_language = tag != "html" and "lang" in given
        data = tag == "option" and bool(given.get("value"))
        foreign = tag in UNREAD or own_language or "mono" in (given.get("class") or "").split()
        foreign = foreign or bool(self._open and self._open[-1][1])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        for name in SPOKEN:
            if given.get(name) and tag != "meta":
                self.texts.append(Said(given[name] or "", f"{tag}[{name}]", foreign))
        if tag not in VOID:
            self._open.append((f"{tag}:data" if data else tag, foreign))

    def handle_endtag(self, tag: str) -> None:
        """An element closes, with those inside that were left open."""
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0].split(":")[0] == tag:
                del self._open[at:]
                return

    def handle_data(self, data: str) -> None:
        """A piece of text."""
        if (text := " ".join(data.split())) and self._open:
            tag, foreign = self._open[-1]
            self.texts.append(Said(text, tag, foreign))


def read(html: str) -> Page:
    """The texts and links of one page."""
    page = Page()
    page.feed(html)
    return page
