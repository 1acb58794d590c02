"""A plugin from outside: lanterns are lit when somebody buys. One item for each kind of thing that a plugin can add."""

from marketplace.extensions import payment_providers
from portal import extensions
from portal.extensions import ApiRoute, Job, Notice, PanelItem, SlotItem, Subscriber, UrlPatterns
from portal.plugins import PluginConfig
from tests.plugins.lantern.components import light
from tests.plugins.lantern.payments import Shells


class LanternConfig(PluginConfig):
    name = "tests.plugins.lantern"
    label = "lantern"

    def register(self) -> None:
        payment_providers.add("shells", Shells())
        extensions.slots.add("lantern.light", SlotItem("event.bottom", light), order=10)
        extensions.slots.add("lantern.block", SlotItem("block.lantern", light))
        extensions.panels.add("lantern.panel", PanelItem("venues.EventPage", panels))
        extensions.urls.add("lantern", UrlPatterns("tests.plugins.lantern.urls", "lantern/"))
        extensions.api.add("lantern", ApiRoute("lanterns", "tests.plugins.lantern.views.LanternsView", "lanterns"))
        extensions.jobs.add("lantern.trim", Job("*/5 * * * *", "tests.plugins.lantern.jobs.trim"))
        extensions.subscribers.add("lantern.lit", Subscriber("lantern.Lit", "tests.plugins.lantern.jobs.remember"))
        extensions.notices.add("lantern.lit", Notice("A lantern was lit", "lantern"))


def panels() -> list:
    from wagtail.admin.panels import HelpPanel  # it needs every app's models, so it waits for the editor

    return [HelpPanel("<p>Lanterns are lit when this event sells.</p>", heading="Lanterns")]
