"""What is wrong with a page for those who see, hear or move differently: axe-core's findings, and what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE, DESK, NARROW = ({"width": width, "height": 844} for width in (390, 1440, 320))
PLAIN_TEXT, LARGE_TEXT = 16, 32  # the browser's own text size in pixels
EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = ["color-contrast", "link-in-text-block", "target-size"]  # what the theme and the room can change
RUN = """
  async ([within, type, values]) => {
    await Promise.allSettled(document.getAnimations().map((of) => of.finished));
    const found = await axe.run(within || document, { runOnly: { type, values }, resultTypes: ["violations"] });
    return found.violations.flatMap((rule) => rule.nodes.map((node) =>
      `${rule.id}: ${node.target.join(" ")}: ${[...node.any, ...node.all, ...node.none].map((of) => of.message)[0]}`));
  }
"""
TOO_WIDE = """
  document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => `${element.tagName} ${element.className}`).slice(0, 5)
"""


class Watcher:
    """Collects, page by page, what is wrong with each: light on a phone, dark on a desk, narrow, with large text."""

    def __init__(self, page: Page, axe: str) -> None:
        self.page, self.axe = page, axe
        self.devtools = page.context.new_cdp_session(page)
        self.wrong: dict[str, list[str]] = {}

    def visit(self, *urls: str, status: int = 200) -> None:
        for url in urls:
            answer = self.page.goto(url)
            assert answer, url
            assert answer.status == status, url
            self.look(url)

    def look(self, name: str, *, within: str = "") -> None:
        """Note what is wrong with the page as it stands now; with `within`, with that part of it."""
        self.page.evaluate(f"{self.axe}; 0")
        found = [f"light: {line}" for line in self._axe("light", PHONE, [within, "tag", EVERYTHING])]
        found += [f"{room}: {line}" for room, line in self._overflows()]
        found += [f"dark: {line}" for line in self._axe("dark", DESK, [within, "rule", LOOKS])]
        if found:
            self.wrong[name] = found

    def _axe(self, scheme: Any, size: Any, what: list[Any]) -> list[str]:
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.set_viewport_size(size)
        return self.page.evaluate(RUN, what)

    def _overflows(self) -> list[tuple[str, str]]:
        self.page.set_viewport_size(NARROW)
        narrow = self.page.evaluate(TOO_WIDE)
        self._size_text(LARGE_TEXT)
        self.page.set_viewport_size(PHONE)
        large = self.page.evaluate(TOO_WIDE)
        self._size_text(PLAIN_TEXT)
        return [("320 px", line) for line in narrow] + [("large text", line) for line in large]

    def _size_text(self, pixels: int) -> None:
        self.devtools.send("Page.setFontSizes", {"fontSizes": {"standard": pixels, "fixed": pixels}})
