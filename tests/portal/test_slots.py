"""Slots: plugins draw in pages in order, and one that fails is missed by the page's other parts alone."""

from __future__ import annotations

import logging

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from laces.components import Component

from portal import extensions
from portal.extensions import SlotItem


class Text(Component):
    def __init__(self, text: str) -> None:
        self.text = text

    def render_html(self, parent_context=None):
        return self.text


def draw(template: str = '{% slot "a.place" %}', **context) -> str:
    return Template("{% load slots %}" + template).render(Context(context))


def test_an_empty_slot_draws_nothing() -> None:
    assert draw() == ""


def test_items_come_in_their_order_and_in_their_slot_alone(contribute) -> None:
    contribute(extensions.slots, "late", SlotItem("a.place", lambda context: Text("3")), order=10)
    contribute(extensions.slots, "first", SlotItem("a.place", lambda context: Text("1")), order=-1)
    contribute(extensions.slots, "second", SlotItem("a.place", lambda context: Text("2")))
    contribute(extensions.slots, "elsewhere", SlotItem("another.place", lambda context: Text("4")))
    assert draw() == "123"


def test_a_component_gets_the_request_and_what_the_tag_was_given(contribute) -> None:
    given = {}
    contribute(extensions.slots, "item", SlotItem("a.place", lambda context: given.update(context)))
    request = RequestFactory().get("/")
    assert draw('{% slot "a.place" page=page size="small" %}', request=request, page="the page", secret="no") == ""
    assert given == {"request": request, "page": "the page", "size": "small"}


def test_a_component_may_draw_nothing(contribute) -> None:
    contribute(extensions.slots, "nothing", SlotItem("a.place", lambda context: None))
    assert draw() == ""


def test_what_a_component_did_not_mark_safe_is_escaped(contribute) -> None:
    contribute(extensions.slots, "item", SlotItem("a.place", lambda context: Text("<b>")))
    assert draw() == "&lt;b&gt;"


@pytest.mark.parametrize(
    "broken", [lambda context: 1 / 0, lambda context: context["missing"], lambda context: "no component"]
)
def test_a_failing_item_draws_nothing_and_says_whose_it_is(contribute, caplog, broken) -> None:
    contribute(extensions.slots, "broken", SlotItem("a.place", broken))
    contribute(extensions.slots, "sound", SlotItem("a.place", lambda context: Text("still here")))
    assert draw() == "still here"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "a test: the item 'broken' of the slot 'a.place' failed" in caplog.text
