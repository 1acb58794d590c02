"""Demo artists: who they are, and what they are known for."""

from typing import NamedTuple


class DemoArtist(NamedTuple):
    name: str
    genres: str
    summary: str
    kinds: str  # the types of event that they appear in


ARTISTS = [
    DemoArtist(*[part.strip() for part in line.split("|")])
    for line in """
Night Ferry | dream pop, shoegaze | Four people, eleven pedals and a tide table. | concert festival
Marlene Voss Quartet | jazz | A saxophone that argues politely with a double bass. | concert
Os Telhados | fado, folk | Lisbon rooftops, sung by three generations of one family. | concert festival
Kestrel & Sons | folk, americana | Close harmony from people who are not related. | concert festival
Ampersand | electronic, ambient | Modular synthesis for long winters. | concert festival
The Borrowed Coats | indie rock | Songs for the last tram, louder than it. | concert festival
Yuki Tanabe | piano, modern classical | Preludes written between two train stations. | concert
Brass Menagerie | brass, balkan | Nine horns, no brakes. | concert festival
Saffron Delay | psych rock | Guitars that arrive a little after the chorus. | concert festival
Ines Caldeira | singer-songwriter | Small songs about large kitchens. | concert
Polar Bureau | synth pop | Forms in triplicate, choruses in unison. | concert festival
Mother Tongue Choir | choral | Sixty voices and fourteen first languages. | concert festival
Elektrik Ursula | techno, live | Patterns built in front of you, then taken apart. | concert festival
Tom Okafor Trio | jazz, soul | Hammond organ with its sleeves rolled up. | concert
Little Weather | indie folk | Forecasts for two voices and a cello. | concert
Gravel Saints | blues, garage | Two chords well kept. | concert festival
Orchestra of the Late Train | orchestral | Symphonies at half past ten, for people who work. | concert
Copper Wire Club | post-punk | Angular, quick, home before midnight. | concert festival
Salt & Static | drone, experimental | A harbour, recorded from underneath. | concert
Juno Abara | afrobeat, soul | A twelve-piece band that makes chairs pointless. | concert festival
Paper Moon Players | theatre ensemble | The resident company of The Almanac. | theatre
Tollgate New Writing | theatre ensemble | First plays, first nights, honest notes. | theatre
Harriet Bloom | director | Stages the classics as though the ink were wet. | theatre
The Understudies | improvisation | Nobody knows the play, least of all the cast. | theatre festival
Compagnie Clair-Obscur | physical theatre | Shadows, ladders and very few words. | theatre festival
Dr Amara Nwosu | hydrology | Explains why rivers remember. | educational conference
Prof. Lars Dahl | astronomy | Has named two asteroids and regrets one. | educational conference
Mei-Ling Zhou | data journalism | Finds the story in the footnotes of budgets. | conference educational
Rafael Ibarra | urban planning | Counts benches for a living. | conference educational
Noor Haddad | typography | Draws letters that can be read by tired people. | workshop conference educational
Sunita Rao | security engineering | Breaks things on Mondays, mends them by Friday. | conference
Jonas Feld | bookbinding | Third generation, first with a video channel. | workshop
Clara Whitfield | ceramics | Throws bowls; keeps the wonky ones. | workshop
Mateo Silva | bread baking | Has kept one sourdough alive since 1998. | workshop
Team Cobalt | esports | Defending champions and gracious about it. | gaming
Glitch Collective | esports | Famous for comebacks from impossible maps. | gaming
Pixel Foundry | games studio | Makes games about weather and forgiveness. | gaming conference
Queensbridge Comets | basketball | Fast breaks and a louder bench. | sports
Harbour Athletic | football | A club owned by four thousand of its neighbours. | sports
Velo Borough | track cycling | Fixed wheels, steep boards. | sports
""".strip().splitlines()
]
