"""Plugins: what one adds from outside works, what is wrong with one is said by name, and the site lives without it."""

from __future__ import annotations

from io import StringIO
from types import ModuleType

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import transaction
from django.template import Context, Template
from django.test import Client

from marketplace.extensions import PaymentProvider, payment_providers
from portal import extensions, jobs
from portal.checks import check_plugins
from portal.extensions import Job, Notice, PanelItem, Subscriber, UrlPatterns
from portal.outbox import services
from portal.panels import PluginPanels
from portal.plugins import ExtensionPoint, PluginConfig, registering
from portal.routing import plugin_routes
from tests.plugins import installed
from tests.plugins.lantern.messages import Lit
from venues.models import ArtistPage, EventPage, VenuePage

LANTERN = "tests.plugins.lantern"


class Page:
    title = "The long night of <jazz>"


def contributed(owner: str) -> dict[str, list[str]]:
    found = {
        name: [entry.key for entry in point.entries if entry.owner == owner]
        for name, point in ExtensionPoint.all.items()
    }
    return {name: keys for name, keys in found.items() if keys}


def test_a_plugin_adds_to_every_point_from_outside(lantern) -> None:
    assert contributed(LANTERN) == {
        "payment_providers": ["shells"],
        "slots": ["lantern.block", "lantern.light"],
        "panels": ["lantern.panel"],
        "urls": ["lantern"],
        "api": ["lantern"],
        "jobs": ["lantern.trim"],
        "subscribers": ["lantern.lit"],
        "notices": ["lantern.lit"],
    }
    assert check_plugins() == []
    assert isinstance(payment_providers["shells"], PaymentProvider)
    assert payment_providers["shells"].check_config({}) == {"beach": "Name a beach."}


def test_its_pages_and_endpoints_answer(lantern, client: Client, db) -> None:
    assert client.get("/lantern/").content == b"three lanterns"
    answer = client.get("/api/v1/lanterns")
    assert (answer.status_code, answer.json()) == (200, {"lanterns": 3})


def test_its_slot_draws(lantern) -> None:
    html = Template('{% load slots %}{% slot "event.bottom" page=page %}').render(Context({"page": Page()}))
    assert '<p class="lantern">A light for The long night of &lt;jazz&gt;</p>' in html


def test_its_block_draws_in_a_pages_body(lantern) -> None:
    from portal.streamfield import PluginBlock

    block = PluginBlock()
    html = block.render(block.to_python({"key": "lantern"}), context={"page": Page()})
    assert html.strip() == '<p class="lantern">A light for The long night of &lt;jazz&gt;</p>'
    assert block.render(block.to_python({"key": "removed"}), context={"page": Page()}).strip() == ""


@pytest.mark.django_db
def test_its_job_and_its_subscriber_run(lantern) -> None:
    assert "lantern.trim" in jobs.sync_jobs()
    with transaction.atomic():
        services.publish(Lit("Ben"))
    services.deliver_due()
    assert Session.objects.filter(session_key="lit-Ben").exists()
    from django.utils.module_loading import import_string

    import_string(extensions.jobs["lantern.trim"].run)()
    assert not Session.objects.exists()


@pytest.mark.django_db
def test_removed_it_leaves_no_trace_and_the_site_works(client: Client) -> None:
    with installed(LANTERN):
        jobs.sync_jobs()
        with transaction.atomic():
            services.publish(Lit("Ben"))
        from portal.outbox.delivery import fan_out

        fan_out()
    assert contributed(LANTERN) == {}
    assert "lantern.trim" not in jobs.sync_jobs()
    assert client.get("/lantern/").status_code == 404
    assert client.get("/api/v1/lanterns").status_code == 404
    assert client.get("/health/ready").status_code == 200
    services.deliver_due()
    assert services.replay() == 0  # it waits for its next try, and is a visible failure in the end


def test_the_command_lists_what_is_installed(lantern) -> None:
    out = StringIO()
    call_command("plugins", stdout=out, no_color=True)
    lines = out.getvalue().splitlines()
    assert "portal.notifications (built in)" in lines
    assert "  channels: email" in lines
    start = lines.index("tests.plugins.lantern (built in)")  # it stands in no entry point here
    assert "  payment_providers: shells" in lines[start:]


# ---- what is wrong is said at the start, with the owner's name


class Panel:
    pass


def test_an_item_of_the_wrong_type() -> None:
    with (
        pytest.raises(ImproperlyConfigured, match=r"^acme: 'x' for jobs must be a Job, not str\.$"),
        registering("acme"),
    ):
        extensions.jobs.add("x", "every day")  # type: ignore[arg-type]


def test_a_protocol_that_is_not_met() -> None:
    with (
        pytest.raises(ImproperlyConfigured, match=r"^acme: 'x' for payment_providers must be a PaymentProvider"),
        registering("acme"),
    ):
        payment_providers.add("x", Panel())


def test_a_key_that_is_taken() -> None:
    with (
        pytest.raises(
            ImproperlyConfigured, match=r"^acme: channels has 'email' already, from portal\.notifications\.$"
        ),
        registering("acme"),
    ):
        extensions.channels.add("email", extensions.channels["email"])


def test_adding_outside_of_register() -> None:
    with pytest.raises(ImproperlyConfigured, match="jobs: 'x' was added outside a plugin's register"):
        extensions.jobs.add("x", Job("* * * * *", "a.b"))


def test_a_register_that_raises() -> None:
    class Acme(PluginConfig):
        name, label, path = "acme", "acme", "/nowhere"

        def register(self) -> None:
            raise KeyError("beach")

    with pytest.raises(ImproperlyConfigured, match=r"The plugin acme could not register: KeyError\('beach'\)"):
        Acme("acme", ModuleType("acme")).ready()


def test_a_plugin_whose_config_is_the_only_one_is_found() -> None:
    """Django picks the one AppConfig with default=True: the imported base must not be a second candidate."""
    assert (PluginConfig.default, type("Some", (PluginConfig,), {}).default) == (False, True)


def problems() -> list[str]:
    return [message.msg for message in check_plugins()]


def test_paths_and_cron_lines_are_checked(contribute) -> None:
    contribute(extensions.jobs, "gone", Job("* * * * *", "nowhere.at.all"))
    contribute(extensions.jobs, "never", Job("now and then", "portal.maintenance.purge"))
    contribute(extensions.subscribers, "text", Subscriber("lantern.Lit", "portal.maintenance.log.name"))
    contribute(extensions.notices, "lost", Notice("Lost", "no-such-template", channels=("email", "pigeon")))
    assert problems() == [
        "a test: 'gone' in jobs: 'nowhere.at.all' can't be imported: ModuleNotFoundError(\"No module named 'nowhere'\")",
        "a test: 'text' in subscribers: 'portal.maintenance.log.name' can't be imported: "
        "ModuleNotFoundError(\"No module named 'portal.maintenance.log'; 'portal.maintenance' is not a package\")",
        "a test: 'never' in jobs: 'now and then' is no cron line.",
        "a test: 'lost' in notices: no channel 'pigeon' is installed.",
        "a test: 'lost' in notices: the template notices/no-such-template.subject.txt is missing.",
        "a test: 'lost' in notices: the template notices/no-such-template.txt is missing.",
        "a test: 'lost' in notices: the template notices/no-such-template.html is missing.",
    ]


def test_urls_that_can_not_be_loaded(contribute) -> None:
    contribute(extensions.urls, "bad", UrlPatterns("nowhere.urls"))
    with pytest.raises(ImproperlyConfigured, match=r"^a test: the URLs of 'bad' can't be loaded: ModuleNotFound"):
        plugin_routes()


# ---- panels


def test_panels_join_the_editor_late_and_only_their_models(lantern) -> None:
    """Wagtail replaces a PanelPlaceholder when it builds the editor; a change of that would hide every plugin."""
    from wagtail.admin.panels import HelpPanel, ObjectList

    edit = ObjectList(["title", PluginPanels("venues.EventPage")]).bind_to_model(EventPage)
    _title, group = edit.children
    assert (HelpPanel, "Lanterns") in [(type(panel), panel.heading) for panel in group.children]
    assert len(ObjectList(["title", PluginPanels("nobody.Page")]).bind_to_model(EventPage).children) == 1


def test_the_editors_of_the_pages_have_a_place_for_panels() -> None:
    """Also Wagtail's side: content_panels may hold a placeholder, and expands it."""
    for model in (EventPage, VenuePage, ArtistPage):
        places = [panel.model for panel in model.content_panels if isinstance(panel, PluginPanels)]
        assert places == [model._meta.label], model


def test_panels_that_fail_name_their_owner(contribute) -> None:
    contribute(extensions.panels, "bad", PanelItem("venues.EventPage", lambda: 1 / 0))
    with pytest.raises(ImproperlyConfigured, match="a test: the panels of 'bad' failed: ZeroDivisionError"):
        PluginPanels("venues.EventPage").construct()
