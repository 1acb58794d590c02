"""Demo events: titles by type, and the words that go with them."""

TITLES: dict[str, list[str]] = {
    "concert": [
        "Tidewater Tour", "The Quiet Room Sessions", "Live at Last", "Songs from the Attic", "Ten Years of Noise",
        "An Evening with", "Winter Residency", "The Long Encore", "Unplugged by Candlelight", "First Light Tour",
    ],
    "conference": [
        "Data & Society", "Cities for Walking", "Maintainers' Summit", "The Footnote: Journalism Days", "Secure by Habit",
        "Letters & Interfaces", "Open Archives Forum", "Slow Software", "Public Money, Public Code", "The Water Congress",
        "Accessible by Design", "Night Mayors' Assembly", "Small Web Day", "Rails, Trams and Timetables", "Evidence Week Opening",
        "The Repair Economy",
    ],
    "gaming": [
        "Pixel Arena Open: Finals", "Couch Champions League", "Speedrun for Charity", "Board Game Marathon", "Retro Night: 8 Bits",
        "Indie Showcase", "Cobalt vs Glitch: The Rematch", "Chess by Neon", "Cozy Games Sunday", "Kart Cup", "Game Jam: Weather",
        "Puzzle Hunt Downtown", "Rhythm Night", "Strategy Masters",
    ],
    "educational": [
        "How Rivers Think", "A Tour of the Winter Sky", "The History of Zero", "What Bees Count", "Reading Old Maps",
        "The Physics of Bread", "Why Cities Hum", "Ink: A Short History", "Mathematics of Knitting", "Deep Sea, Plain Words",
        "The Grammar of Birdsong", "How to Read a Budget", "Volcanoes for Beginners", "Colour before Screens", "Clocks and Power",
        "The Invention of Weekends", "Medicine by Post", "Atlas of Small Islands",
    ],
    "theatre": [
        "A Winter's Tale", "The Cherry Orchard, Felled", "Understudy", "Two Chairs and a Door", "The Lighthouse Keeper's Daughter",
        "Much Ado", "Antigone in the Car Park", "The Importance of Being Late", "Shadow Play", "Nine Letters to a Landlord",
        "Hedda", "The Inspector Stays", "Salt", "An Enemy of the Audience", "Midnight Improv", "The Paper Astronaut",
        "Twelfth Night, First Draft", "House of Small Noises", "Cyrano", "What the Butler Kept", "The Last Matinee", "Ladders",
    ],
    "sports": [
        "Harbour Derby", "Six Days on the Boards", "Comets Season Opener", "Night Run: Five Bridges", "Borough Boxing Gala",
        "Table Tennis Grand Slam", "Roller Derby Double-header", "City Bouldering Cup", "Wheelchair Basketball Finals", "Fencing Invitational",
        "Comets vs Harbour All-stars", "Skate Jam", "Rowing Regatta After-party", "The Great Indoor Mile",
    ],
    "festival": [
        "Lanterns on the Lake", "Festa da Rua", "Spree Sounds Weekend", "Block Party Five", "Winter Lights Festival", "The Moving Picture Fair",
        "Nordlicht Open Air", "Small Press Fair", "Street Food & Brass", "New Year's Parade of Bands", "Festival of Unfinished Things", "Tejo Sunset Days",
    ],
    "workshop": [
        "Bookbinding for Beginners", "Throw Your First Bowl", "Sourdough from Scratch", "Letterpress Evening", "Repair Café: Bicycles",
        "Draw a Typeface in a Day", "Soldering Synths", "Screen Printing Posters", "Songwriting in Four Hours", "Stage Lighting Basics",
        "Natural Dyes", "Kintsugi: Mending with Gold", "Field Recording Walk", "Comic Pages in a Day", "Basketry", "Urban Sketching",
        "Improvisation for Shy People", "Darkroom Sunday",
    ],
}  # fmt: skip

SUMMARIES: dict[str, list[str]] = {
    "concert": [
        "Doors at seven, first notes soon after, and nobody is home before midnight.",
        "Two sets, one interval, and the songs that everyone came for.",
        "A quiet room, a loud band, and the best place by the mixing desk.",
        "New songs first, old friends after the break.",
    ],
    "conference": [
        "One day, two tracks, talks short enough to be questioned.",
        "Practitioners only: what was tried, what broke, what stayed.",
        "Thirty talks, no sponsors on stage, captions throughout.",
    ],
    "gaming": [
        "Open stations all day, finals on the large screen at night.",
        "Beginners at noon, champions at nine, snacks throughout.",
    ],
    "educational": [
        "An illustrated lecture for the curious; no previous knowledge, plenty of questions.",
        "One hour of pictures and objects, one hour of questions.",
        "What we know, how we know it, and what nobody has worked out yet.",
    ],
    "theatre": [
        "A play in two acts with one interval and a bar.",
        "Ninety minutes without an interval; hold on to the person beside you.",
        "A classic, cut to the bone and put on its feet again.",
    ],
    "sports": [
        "Bring a scarf, a voice and somebody who has never been.",
        "Gates open an hour before; the north end sings from then on.",
    ],
    "festival": [
        "Several stages, long tables, and a programme to get lost in.",
        "Wander from stage to stage; eat under lanterns; stay for the last band.",
    ],
    "workshop": [
        "Materials, tools and tea included; take home what you make.",
        "A small group, one patient teacher, no talent required.",
    ],
}

TEXTS: dict[str, tuple[str, str]] = {
    "concert": ("There is a moment before the first song when the whole room breathes in. This evening was booked for that moment, and for the two hours after it.", "Standing and seated places share one room; the balcony has the best sound and the floor has the better company."),
    "conference": ("No keynote longer than thirty minutes, no panel without somebody who disagrees. Every talk is captioned and the slides go online the same night.", "The programme leaves long breaks on purpose: what is said by the coffee urn is half of it."),
    "gaming": ("Sign up at the desk, find a station, lose graciously. Beginners' tables are marked green and staffed by patient people.", "Finals are played on stage with commentary; the bracket hangs by the entrance and on the screens."),
    "educational": ("An hour of pictures, objects and stories, then as much time for questions as the house allows. Children who can sit through a film will be fine.", "The lecture is given in plain words; the reading list is for whoever wants more."),
    "theatre": ("A company of nine, a set that fits in one van, and a text that has been cut until it bleeds. The house opens half an hour before curtain.", "Latecomers are let in at the first scene change. There is captioning on the second Tuesday."),
    "sports": ("Gates open an hour before the start. The family block is quiet, the north end is not, and both are happy about it.", "Bags are checked at the gate; leave large ones at home."),
    "festival": ("Wander. Nothing here is far apart, everything overlaps, and the best act is always the one that you did not come for.", "Wristbands are handed out at the gate against your ticket, and let you come and go."),
    "workshop": ("A small group, one patient teacher, and enough tools for everyone. You leave with something that you made and the address of where to buy the rest.", "Wear what may get dirty. Aprons hang by the door."),
}  # fmt: skip

QUOTES = [
    ("I came for the support act and stayed for the encore of the encore.", "A guest, last season"),
    ("The most careful noise in the city.", "The Evening Almanac"),
    ("We left two hours later than planned and with three new friends.", "A guest, spring"),
    ("Exactly as long as it should be.", "Weekend Review"),
]
POLICIES = "<p>Please have your ticket ready on your phone or on paper. No re-entry after the last quarter. Assistance dogs are welcome, and companions of wheelchair users come in free.</p>"
FAQ = [
    ("When should I come?", "<p>The doors time on this page is meant; the first half hour is the quietest.</p>"),
    ("Can I give my ticket to a friend?", "<p>Yes. Whoever shows the code at the door is let in, once.</p>"),
    ("Is there step-free access?", "<p>Yes, by the side entrance. Staff at the door will show you the way.</p>"),
]
