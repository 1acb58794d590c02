"""Demo vendors and the venues that they publish."""

from typing import NamedTuple


class DemoVendor(NamedTuple):
    email: str
    person: str
    name: str
    currency: str
    timezone: str
    about: str


class DemoVenue(NamedTuple):
    vendor: str
    name: str
    address: str
    postcode: str
    city: str
    country: str
    timezone: str
    latitude: str
    longitude: str
    areas: tuple[tuple[str, int], ...]
    summary: str


VENDORS = [
    DemoVendor(
        "ada@example.org", "Ada Lindqvist", "Nordlicht Concerts", "EUR", "Europe/Berlin",
        "<p>Nordlicht has put bands on stages between the Spree and the Tejo since 2009. We book what we would queue for ourselves.</p>",
    ),
    DemoVendor(
        "cleo@example.org", "Cleo Marsh", "Paper Moon Theatre & Talks", "GBP", "Europe/London",
        "<p>Plays, lectures and the odd argument. Paper Moon programmes three London houses and keeps the bar open afterwards.</p>",
    ),
    DemoVendor(
        "theo@example.org", "Theo Park", "Fifth Corner", "USD", "America/New_York",
        "<p>Tournaments, workshops, meet-ups and block parties, run by people who live round the corner.</p>",
    ),
]  # fmt: skip

VENUES = [
    DemoVenue("ada@example.org", "Kulturwerft", "Uferstraße 18", "10997", "Berlin", "DE", "Europe/Berlin", "52.50010", "13.44780", (("Slipway", 900), ("Paint Shop", 250)), "A boatyard on the Spree where the crane still works and the sound system is better."),
    DemoVenue("ada@example.org", "Saal Neun", "Weserallee 9", "12045", "Berlin", "DE", "Europe/Berlin", "52.48710", "13.43620", (("Saal", 420), ("Gallery", 80)), "A ballroom of 1912 with a sprung floor and not one straight wall."),
    DemoVenue("ada@example.org", "Lichthof Mitte", "Linienweg 44", "10119", "Berlin", "DE", "Europe/Berlin", "52.52830", "13.40120", (("Lichthof", 300),), "Concerts under a glass roof, at their best when it rains."),
    DemoVenue("ada@example.org", "Armazém do Cais", "Rua da Doca 7", "1950-140", "Lisbon", "PT", "Europe/Lisbon", "38.73060", "-9.10280", (("Main hall", 650), ("Terrace", 150)), "A cork warehouse by the river, with a terrace for the interval."),
    DemoVenue("ada@example.org", "Teatro das Janelas", "Travessa das Flores 21", "1200-186", "Lisbon", "PT", "Europe/Lisbon", "38.71170", "-9.14590", (("Stalls", 280), ("Balcony", 120)), "Tiles, velvet and forty windows that are opened after the last song."),
    DemoVenue("ada@example.org", "Jardim Aberto", "Alameda do Moinho 2", "1400-038", "Lisbon", "PT", "Europe/Lisbon", "38.69760", "-9.19930", (("Lawn", 1200),), "An open-air stage between fig trees. Bring something warm for after ten."),
    DemoVenue("cleo@example.org", "The Almanac", "88 Quill Lane", "EC1R 5HL", "London", "GB", "Europe/London", "51.52440", "-0.10650", (("Stalls", 340), ("Circle", 160)), "A small proscenium house that kept its gaslight brackets and gained a lift."),
    DemoVenue("cleo@example.org", "Tollgate Studio", "3 Tollgate Yard", "E8 4QN", "London", "GB", "Europe/London", "51.54180", "-0.06120", (("Studio", 140),), "A black box for new writing, with unreserved benches and good coffee."),
    DemoVenue("cleo@example.org", "Lantern Hall", "Riverside Walk", "SE1 9PP", "London", "GB", "Europe/London", "51.50690", "-0.09970", (("Hall", 700), ("Foyer", 120)), "Lectures and chamber music on the south bank, a short walk from the bridge."),
    DemoVenue("theo@example.org", "The Foundry Annex", "212 Cooper Street", "11211", "New York", "US", "America/New_York", "40.71430", "-73.96140", (("Floor", 800), ("Mezzanine", 200)), "Brick, steel and a sprung stage in an old type foundry."),
    DemoVenue("theo@example.org", "Level Up Arena", "40 Canal Plaza", "10013", "New York", "US", "America/New_York", "40.71980", "-74.00430", (("Arena", 1500), ("Players' gallery", 100)), "An arena made for play: two hundred stations, one very large screen."),
    DemoVenue("theo@example.org", "Greenpoint Commons", "9 Franklin Row", "11222", "New York", "US", "America/New_York", "40.72920", "-73.95790", (("Workshop", 60), ("Yard", 400)), "Workbenches indoors, string lights outdoors, neighbours everywhere."),
]  # fmt: skip
