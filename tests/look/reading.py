"""What a page says to those who do not see it: a small reader of HTML for structural checks."""

from __future__ import annotations

from html.parser import HTMLParser

UNLABELED = {"hidden", "submit", "button"}


class Reading(HTMLParser):
    """The parts of a page that checks ask for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.fields: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.ids: list[str | None] = []
        self.images: list[dict[str, str | None]] = []
        self.inline: list[str] = []
        self.lang = ""
        self._in_label = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        attrs = dict(attributes)
        self._note_names(tag, attrs)
        self._note_inline(tag, attrs)
        if tag == "img":
            self.images.append(attrs)
        if tag in ("input", "select", "textarea") and attrs.get("type") not in UNLABELED and not self._in_label:
            self.fields.append(attrs)

    def handle_endtag(self, tag: str) -> None:
        self._in_label -= tag == "label"

    @property
    def nameless(self) -> list[dict[str, str | None]]:
        """Fields without a label."""
        return [field for field in self.fields if field.get("id") not in self.labels and not field.get("aria-label")]

    def _note_names(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag == "html":
            self.lang = attrs.get("lang") or ""
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "label":
            self._in_label += 1
            self.labels.add(attrs.get("for"))
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))

    def _note_inline(self, tag: str, attrs: dict[str, str | None]) -> None:
        code = tag == "script" and "src" not in attrs and "json" not in (attrs.get("type") or "")
        if tag == "style" or code or "style" in attrs or any(name.startswith("on") for name in attrs):
            self.inline.append(f"{tag} {attrs}")
