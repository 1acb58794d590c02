"""What the browser gets: budgets in bytes, a stylesheet that mirrors, templates that a strict policy lets through."""

import gzip
import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "portal/static/portal"
TEMPLATES = ROOT / "templates"
CSS = (STATIC / "foyer.css").read_text()
# Mails are read where neither stylesheets nor policies apply; the PDF's page carries its own style.
PAGES = sorted(
    path
    for path in TEMPLATES.rglob("*.html")
    if path.parent.name not in ("notices", "email")
    and not path.name.endswith("_pdf.html")  # mails bring their own look
)
PHYSICAL = re.compile(
    r"(?<![\w-])((?:margin|padding|border|inset|scroll-margin)-(?:left|right|top|bottom)[\w-]*|left|right|top|bottom"
    r"|(?:min-|max-)?(?:width|height)|text-align:\s*(?:left|right)|float:\s*(?:left|right))\s*:",
)
# Names that scripts, tests and readers hold on to, without a look of their own.
HOOKS = {
    "account",
    "account__main",
    "entry__text",
    "home",
    "order-page",
    "programme",
    "summary",
    "ticket__text",
    "ticket-types",
}
SITE = [path for path in PAGES if "admin" not in str(path.relative_to(TEMPLATES))]


def packed(*paths):
    return len(gzip.compress(b"".join(path.read_bytes() for path in paths), 9, mtime=0))


def names(paths):
    return [str(path.relative_to(TEMPLATES)) for path in paths]


def test_the_stylesheet_is_small():
    assert packed(STATIC / "foyer.css") <= 25 * 1024


def test_the_scripts_of_a_page_are_small():
    assert packed(*(STATIC / "js").glob("*.js")) <= 30 * 1024


def test_the_stylesheet_uses_logical_properties_only():
    assert PHYSICAL.findall(re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)) == []


def test_the_check_for_physical_properties_finds_them():
    bad = "a { margin-left: 1px; width: 2px; text-align: left; top: 0; padding-bottom : 0 }"
    assert len(PHYSICAL.findall(bad.replace("text-align: left", "text-align: left :"))) == 5


def test_every_rule_stands_in_a_declared_layer():
    declared = re.search(r"@layer ([\w, ]+);", CSS)[1].split(", ")
    assert declared == ["reset", "tokens", "base", "layout", "components", "pages", "print"]
    assert set(re.findall(r"^@layer (\w+) \{", CSS, re.MULTILINE)) <= set(declared)
    depth, outside = 0, []
    for line in re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL).splitlines():
        if depth == 0 and line.strip() and not line.startswith("@layer"):
            outside.append(line)
        depth += line.count("{") - line.count("}")
    assert outside == []


def test_every_token_that_is_used_exists():
    used = set(re.findall(r"var\((--[\w-]+)\)", CSS))  # without a fallback
    assert used - set(re.findall(r"(--[\w-]+)\s*:", CSS)) == set()


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_a_template_carries_nothing_inline(path):
    text = path.read_text()
    assert re.findall(r"\sstyle\s*=", text) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert [tag for tag in re.findall(r"<style[^>]*>", text) if "nonce" not in tag] == []
    inline = [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag]
    assert [tag for tag in inline if "nonce" not in tag and 'type="application/' not in tag] == []


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_a_template_compiles(path):
    get_template(str(path.relative_to(TEMPLATES)))


@pytest.mark.parametrize("path", SITE, ids=names(SITE))
def test_a_template_uses_classes_that_the_stylesheet_has(path):
    known = set(re.findall(r"\.([a-z][\w-]*)", CSS))
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(), flags=re.DOTALL)
    used = {name for value in re.findall(r'class="([^"]*)"', text) for name in value.split()}
    whole = {name for name in used if not name.endswith("-")}
    assert whole - known - HOOKS == set()
