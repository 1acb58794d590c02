from portal import extensions
from portal.plugins import PluginConfig


class VenuesConfig(PluginConfig):
    name = "venues"

    def register(self) -> None:
        # Models can be imported only now that the registry is full.
        from venues import receivers
        from venues.accounts import VendorAccount
        from venues.demo.seed import seed

        receivers.connect(self)
        extensions.account_kinds.add("vendor", VendorAccount(), order=10)
        extensions.urls.add("venues", extensions.UrlPatterns("venues.urls"), order=-10)
        extensions.seeders.add("venues", seed, order=10)
        extensions.subscribers.add(
            "venues.discard_pictures",
            extensions.Subscriber("venues.EventWithdrawn", "venues.sharing.pictures.follow_withdrawal"),
        )
        extensions.jobs.add("venues.heal_listings", extensions.Job("*/10 * * * *", "venues.services.rebuild.heal"))
        for path, view, name in ROUTES:
            extensions.api.add(name, extensions.ApiRoute(path, view, name))


ROUTES = (
    ("events", "venues.api.events.EventsView", "events"),
    ("events/<str:event_id>", "venues.api.events.EventView", "event"),
    ("venues", "venues.api.places.VenuesView", "venues"),
    ("venues/<str:page_id>", "venues.api.places.VenueView", "venue"),
    ("artists", "venues.api.places.ArtistsView", "artists"),
    ("artists/<str:page_id>", "venues.api.places.ArtistView", "artist"),
)
