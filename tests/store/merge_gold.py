"""The labelled set for merging: things that we invented, told by several sources in the manner of real ones, with traps.

``notices()`` gives (thing id, Notice) pairs, always the same ones: 1,200 and more things in 3,000 and more notices.
A news item about a call is a thing of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from store.model import Amount, Deadline, Moment, Notice, Place

# theme: how the same subject is said in six languages
THEMES: tuple[dict[str, str], ...] = tuple(
    dict(zip(("en", "fr", "de", "es", "pt", "it"), row, strict=True))
    for row in (
        ("recyclable plastics for moulded parts", "plastiques recyclables pour pièces moulées", "recycelbare Kunststoffe für Formteile", "plásticos reciclables para piezas moldeadas", "plásticos recicláveis para peças moldadas", "plastiche riciclabili per parti stampate"),
        ("technical textiles for protective clothing", "textiles techniques pour vêtements de protection", "technische Textilien für Schutzkleidung", "textiles técnicos para ropa de protección", "têxteis técnicos para vestuário de proteção", "tessili tecnici per indumenti protettivi"),
        ("shorter food supply chains", "circuits alimentaires courts", "kürzere Lebensmittelketten", "cadenas alimentarias cortas", "cadeias alimentares curtas", "filiere alimentari corte"),
        ("photonic sensors in hospitals", "capteurs photoniques à l'hôpital", "photonische Sensoren im Krankenhaus", "sensores fotónicos en hospitales", "sensores fotónicos em hospitais", "sensori fotonici negli ospedali"),
        ("green hydrogen in heavy industry", "hydrogène vert dans l'industrie lourde", "grüner Wasserstoff in der Schwerindustrie", "hidrógeno verde en la industria pesada", "hidrogénio verde na indústria pesada", "idrogeno verde nell'industria pesante"),
        ("floating offshore wind farms", "éoliennes flottantes en mer", "schwimmende Windparks auf See", "parques eólicos flotantes", "parques eólicos flutuantes", "parchi eolici galleggianti"),
        ("water reuse in dairies", "réutilisation de l'eau en laiterie", "Wasserwiederverwendung in Molkereien", "reutilización del agua en lecherías", "reutilização de água em queijarias", "riuso dell'acqua nei caseifici"),
        ("timber construction in cities", "construction bois en ville", "Holzbau in Städten", "construcción con madera en ciudades", "construção em madeira nas cidades", "costruzioni in legno in città"),
        ("robots for small factories", "robots pour petites usines", "Roboter für kleine Fabriken", "robots para pequeñas fábricas", "robôs para pequenas fábricas", "robot per piccole fabbriche"),
        ("cyber security of machine tools", "cybersécurité des machines-outils", "Cybersicherheit von Werkzeugmaschinen", "ciberseguridad de máquinas herramienta", "cibersegurança de máquinas-ferramenta", "sicurezza informatica delle macchine utensili"),
        ("battery storage for energy communities", "stockage par batteries pour communautés d'énergie", "Batteriespeicher für Energiegemeinschaften", "baterías para comunidades energéticas", "baterias para comunidades de energia", "batterie per comunità energetiche"),
        ("compostable packaging for fruit", "emballages compostables pour fruits", "kompostierbare Verpackungen für Obst", "envases compostables para fruta", "embalagens compostáveis para fruta", "imballaggi compostabili per frutta"),
        ("digital coupling of freight trains", "attelage numérique des trains de fret", "digitale Kupplung von Güterzügen", "acoplamiento digital de trenes de mercancías", "engate digital de comboios de mercadorias", "aggancio digitale dei treni merci"),
        ("natural ingredients for cosmetics", "ingrédients naturels pour cosmétiques", "natürliche Zutaten für Kosmetik", "ingredientes naturales para cosmética", "ingredientes naturais para cosmética", "ingredienti naturali per cosmetici"),
        ("satellite data for vineyards", "données satellitaires pour vignobles", "Satellitendaten für Weinberge", "datos de satélite para viñedos", "dados de satélite para vinhas", "dati satellitari per i vigneti"),
        ("electric ferries on inland waters", "bacs électriques sur les eaux intérieures", "Elektrofähren auf Binnengewässern", "transbordadores eléctricos en aguas interiores", "barcos elétricos em águas interiores", "traghetti elettrici su acque interne"),
        ("low carbon ceramics and glass", "céramique et verre bas carbone", "kohlenstoffarme Keramik und Glas", "cerámica y vidrio bajos en carbono", "cerâmica e vidro de baixo carbono", "ceramica e vetro a basse emissioni"),
        ("sports halls with heat pumps", "gymnases avec pompes à chaleur", "Sporthallen mit Wärmepumpen", "polideportivos con bombas de calor", "pavilhões com bombas de calor", "palestre con pompe di calore"),
        ("insect protein for fish farming", "protéines d'insectes pour la pisciculture", "Insektenprotein für die Fischzucht", "proteína de insectos para acuicultura", "proteína de insetos para aquacultura", "proteine da insetti per l'acquacoltura"),
        ("repair of electronic devices", "réparation d'appareils électroniques", "Reparatur elektronischer Geräte", "reparación de aparatos electrónicos", "reparação de aparelhos eletrónicos", "riparazione di apparecchi elettronici"),
    )
)  # fmt: skip
FORMS: tuple[dict[str, str], ...] = (
    {"en": "Call for proposals: {t}", "fr": "Appel à projets : {t}", "de": "Förderaufruf: {t}", "es": "Convocatoria: {t}", "pt": "Aviso: {t}", "it": "Bando: {t}"},
    {"en": "Innovation actions on {t}", "fr": "Actions d'innovation : {t}", "de": "Innovationsmaßnahmen: {t}", "es": "Acciones de innovación: {t}", "pt": "Ações de inovação: {t}", "it": "Azioni di innovazione: {t}"},
    {"en": "Vouchers for {t}", "fr": "Chèques pour {t}", "de": "Gutscheine für {t}", "es": "Cheques para {t}", "pt": "Vales para {t}", "it": "Voucher per {t}"},
    {"en": "Pilot lines and test beds: {t}", "fr": "Lignes pilotes et bancs d'essai : {t}", "de": "Pilotlinien und Testfelder: {t}", "es": "Líneas piloto y bancos de pruebas: {t}", "pt": "Linhas piloto e bancos de ensaio: {t}", "it": "Linee pilota e banchi di prova: {t}"},
    {"en": "Research and training network: {t}", "fr": "Réseau de recherche et de formation : {t}", "de": "Forschungs- und Ausbildungsnetz: {t}", "es": "Red de investigación y formación: {t}", "pt": "Rede de investigação e formação: {t}", "it": "Rete di ricerca e formazione: {t}"},
)  # fmt: skip
REGIONS = ("Bavaria", "Catalonia", "Silesia", "Tuscany", "Brittany", "Alentejo", "Flanders", "Moravia", "Attica", "Scania")
TOWNS = ("Leiria", "Lyon", "Poznań", "Bilbao", "Graz", "Porto", "Gent", "Brno", "Aarhus", "Torino", "Essen", "Patras")
AGENCIES = {"fr": "fr_regional", "de": "de_bank", "es": "es_ministry", "pt": "pt_agency", "it": "it_region"}
ZONES = {
    "en": "Europe/Brussels",
    "fr": "Europe/Paris",
    "de": "Europe/Berlin",
    "es": "Europe/Madrid",
    "pt": "Europe/Lisbon",
    "it": "Europe/Rome",
}
BODIES = {
    "en": "Consortia of companies and research centres apply for {t}. Grants reach {a} euro a project and cover {r} % of the costs. Reference {n}. {extra}",
    "fr": "Les consortiums d'entreprises et de centres de recherche déposent un dossier sur {t}. L'aide atteint {a} euros par projet, soit {r} % des coûts. Référence {n}. {extra}",
    "de": "Verbünde aus Unternehmen und Forschung bewerben sich zu {t}. Die Zuwendung beträgt {a} Euro je Vorhaben und deckt {r} % der Kosten. Kennzeichen {n}. {extra}",
    "es": "Consorcios de empresas y centros de investigación concurren con {t}. La ayuda alcanza {a} euros por proyecto, el {r} % de los costes. Referencia {n}. {extra}",
    "pt": "Consórcios de empresas e centros de investigação concorrem com {t}. O apoio chega a {a} euros por projeto, {r} % dos custos. Referência {n}. {extra}",
    "it": "Consorzi di imprese e centri di ricerca concorrono con {t}. Il contributo arriva a {a} euro a progetto, il {r} % dei costi. Riferimento {n}. {extra}",
}  # fmt: skip
EXTRAS = (
    "Small firms are welcome.",
    "Two countries at least take part.",
    "Results are shown at a public event.",
    "Projects last thirty months.",
    "A letter of intent helps.",
)
DAY0 = datetime(2027, 1, 11, tzinfo=UTC)


def notices(seed: int = 7, rounds: int = 3) -> list[tuple[str, Notice]]:
    """The whole set in a fixed order. ``rounds`` scales it: 3 gives the full size."""
    rng = random.Random(seed)
    made: list[tuple[str, Notice]] = []
    serial = 0
    for turn in range(rounds):
        for number, theme in enumerate(THEMES):
            for shape, form in enumerate(FORMS):
                serial += 1
                made.extend(_portal_family(rng, serial, theme, form, turn))
                made.extend(_national_family(rng, serial, theme, form, turn, shape))
                if shape == 0:
                    made.extend(_regional_variants(rng, serial, theme, form))
                if shape == 1:
                    made.extend(_fairs(rng, serial, theme, number, turn))
                if shape == 2:
                    made.extend(_tenders(rng, serial, theme, number))
                if shape == 3:
                    made.extend(_siblings(rng, serial, theme, turn))
                if shape == 4:
                    made.extend(_same_town_same_day(rng, serial, number))
    return made


def _deadline(day: datetime, zone: str, clock: str = "17:00") -> Deadline:
    hour, minute = (int(part) for part in clock.split(":")) if clock else (0, 0)
    local = datetime(day.year, day.month, day.day, hour, minute)
    end = local if clock else local.replace(hour=23, minute=59, second=59)
    return Deadline(
        local=local,
        zone=zone,
        utc=end.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC),
        precision="minute" if clock else "day",
        zone_source="source",
    )


def _body(language: str, theme: str, amount: int, rate: int, number: int, extra: str) -> str:
    return BODIES[language].format(t=theme, a=f"{amount:,}".replace(",", " "), r=rate, n=number, extra=extra)


def _call(
    source: str, sid: str, language: str, title: str, text: str, day: datetime, clock: str, amount: int, **more: object
) -> Notice:
    notice = Notice(
        source=source, source_id=sid, kind="call", url=f"https://{source.replace('_', '.')}.example/calls/{sid}", title=title, text=text, language=language,
        published=day - timedelta(days=70), deadlines=(_deadline(day, ZONES[language], clock),),
        amounts=(Amount(value=float(amount), currency="EUR"),) if amount else (),
    )  # fmt: skip
    return replace(notice, **more)  # type: ignore[arg-type]


def _portal_family(
    rng: random.Random, serial: int, theme: dict[str, str], form: dict[str, str], turn: int
) -> Iterator[tuple[str, Notice]]:
    """A topic of a big programme: portal, a second portal record, partner network, two national relays, a news item; next edition."""
    day, amount, rate = (
        DAY0 + timedelta(days=rng.randrange(20, 300), weeks=52 * turn),
        rng.randrange(4, 90) * 50_000,
        rng.choice((50, 70, 80, 100)),
    )
    topic = f"prog-{2027 + turn}-cl{serial % 6}-{serial:03d}"
    thing, title = f"topic-{serial}", form["en"].format(t=theme["en"])
    text = _body("en", theme["en"], amount, rate, serial + 4000, rng.choice(EXTRAS))
    yield (
        thing,
        _call("eu_portal", topic, "en", title, text, day, "17:00", amount, hard_ids=(f"topic:{topic}", f"call:prog-{2027 + turn}")),
    )
    if serial % 3 == 0:
        yield thing, _call("eu_portal", f"cc-{serial}", "en", title.upper(), text, day, "", amount, hard_ids=(f"topic:{topic}",))
    if serial % 2 == 0:
        suffix = rng.choice((" | Cluster Network", " – apply now", " - Partner Network Europe", ""))
        yield thing, _call("eu_network", f"n{serial}", "en", title + suffix, f"{text} Topic {topic.upper()}.", day, "", 0)
    for language in rng.sample(sorted(AGENCIES), 2):
        said = form[language].format(t=theme[language])
        told = _body(language, theme[language], amount, rate, serial + 4000, f"({topic.upper()})" if rng.random() < 0.6 else "")
        yield (
            thing,
            _call(AGENCIES[language], f"r{serial}", language, said, told, day, "17:00" if language != "pt" else "16:00", amount),
        )
    if serial % 4 == 0:
        yield (
            f"news-{serial}",
            Notice(
                source="en_press", source_id=f"p{serial}", kind="news", url=f"https://press.example/{serial}", language="en",
                title=f"Funding opens: {theme['en']} in focus of new call", text=f"Companies can apply under {topic.upper()} from next month.", published=day - timedelta(days=60),
            ),
        )  # fmt: skip


def _national_family(
    rng: random.Random, serial: int, theme: dict[str, str], form: dict[str, str], turn: int, shape: int
) -> Iterator[tuple[str, Notice]]:
    """A national call without an official id: the agency, an aggregator with a suffix and small edits, and next year's edition."""
    language = sorted(AGENCIES)[serial % len(AGENCIES)]
    subject = theme[language]
    day, amount = DAY0 + timedelta(days=rng.randrange(10, 330)), rng.randrange(2, 60) * 25_000
    for edition in (0, 1) if shape % 2 == 0 else (0,):
        due = day + timedelta(days=364 * edition, weeks=52 * turn)
        year = f" {due.year}" if serial % 3 else ""
        title = form[language].format(t=f"{subject} – programme {serial % 17}") + year
        text = _body(language, subject, amount + 25_000 * edition, 60, 7000 + serial * 2 + edition, rng.choice(EXTRAS))
        thing = f"national-{serial}-{turn}-{edition}"
        first = _call(f"{language}_state", f"s{serial}-{edition}", language, title, text, due, "12:00", amount + 25_000 * edition)
        yield thing, first
        again = rng.choice(
            (
                title + " | Portal der Mittel",
                title + " – Europe Funding Radar",
                title.replace(" : ", ": "),
                title.lower().capitalize(),
            )
        )
        yield (
            thing,
            replace(
                _call("eu_radar", f"x{serial}-{edition}", language, again, text[:160], due, rng.choice(("12:00", "")), 0),
                url=f"https://radar.example/{serial}/{edition}",
            ),
        )
        if serial % 4 == 1:
            yield (
                thing,
                replace(
                    _call("eu_mirror", f"y{serial}-{edition}", language, title, text, due, "12:00", amount + 25_000 * edition),
                    url=first.url,
                ),
            )


def _regional_variants(
    rng: random.Random, serial: int, theme: dict[str, str], form: dict[str, str]
) -> Iterator[tuple[str, Notice]]:
    """The same wording by different regions on the same day: different calls. The first is repeated by an aggregator."""
    day = DAY0 + timedelta(days=rng.randrange(30, 200))
    for place, region in enumerate(rng.sample(REGIONS, 4)):
        title = f"{form['en'].format(t=theme['en'])} in {region}"
        text = _body(
            "en",
            f"{theme['en']} in {region}",
            100_000 * (place + 1),
            50,
            9000 + serial * 10 + place,
            f"Only for firms seated in {region}.",
        )
        yield (
            f"region-{serial}-{region}",
            _call(f"xx_{region.lower()}", f"v{serial}", "en", title, text, day, "", 100_000 * (place + 1)),
        )
        if place == 0:
            yield (
                f"region-{serial}-{region}",
                _call("eu_radar", f"v{serial}-{place}", "en", title + " - Funding Radar", text, day, "", 0),
            )


def _fairs(rng: random.Random, serial: int, theme: dict[str, str], number: int, turn: int) -> Iterator[tuple[str, Notice]]:
    """A fair told by its organiser, a calendar and a chamber; the next edition; the same name in another town."""
    name = f"{theme['en'].split()[-1].capitalize()}Expo {number}"
    for edition in (0, 1):
        for town in rng.sample(TOWNS, 2):
            start = DAY0 + timedelta(days=rng.randrange(40, 300) + 365 * (edition + turn * 2))
            thing = f"fair-{serial}-{edition}-{town}"
            for source, title in (
                ("xx_organiser", f"{name} {start.year}"),
                ("eu_calendar", f"{name} – International Trade Fair for {theme['en']}"),
                ("xx_chamber", f"{name} {town}"),
            ):
                day = Moment(local=start.replace(tzinfo=None), zone="Europe/Brussels", utc=start)
                end = Moment(
                    local=(start + timedelta(days=2)).replace(tzinfo=None), zone="Europe/Brussels", utc=start + timedelta(days=2)
                )
                yield (
                    thing,
                    Notice(
                        source=source, source_id=f"{thing}-{source}", kind="fair", url=f"https://{source}.example/f/{thing}", title=title, text=f"Exhibition on {theme['en']}.",
                        language="en", starts=day, ends=end, place=Place(city=town),
                    ),
                )  # fmt: skip


def _tenders(rng: random.Random, serial: int, theme: dict[str, str], number: int) -> Iterator[tuple[str, Notice]]:
    """One procurement in the official journal and on a national platform, and its sibling lot of the same buyer and day."""
    for lot in (1, 2, 3):
        day = DAY0 + timedelta(days=rng.randrange(25, 60))
        language = rng.choice(sorted(AGENCIES))
        title = f"{theme[language].capitalize()}, {rng.choice(TOWNS)}, {rng.choice(('Los', 'lot', 'lote'))} {lot}"
        thing, amount = f"tender-{serial}-{lot}", rng.randrange(3, 90) * 11_000
        text = _body(language, theme[language], amount, 100, 20_000 + serial * 3 + lot, "")
        official = _call(
            "eu_journal",
            f"{serial}{lot:02d}-2027",
            language,
            title,
            text,
            day,
            "10:00",
            amount,
            kind="tender",
            hard_ids=(f"ted:{serial}{lot:02d}-2027",),
        )
        yield thing, official
        national = _call(
            f"{language}_platform", f"{language}{serial}-{lot}", language, title, text, day, "10:00", amount, kind="tender"
        )
        yield thing, replace(national, hard_ids=official.hard_ids) if lot == 1 else national


SCALES = ("small demonstrators", "large demonstrators", "skills and standards", "first industrial use")


def _siblings(rng: random.Random, serial: int, theme: dict[str, str], turn: int) -> Iterator[tuple[str, Notice]]:
    """Topics of one call: one day, one budget, titles alike; a network repeats each without its id; one page lists them all."""
    day, amount = DAY0 + timedelta(days=rng.randrange(30, 300), weeks=52 * turn), rng.randrange(4, 40) * 100_000
    topics = []
    for place, scale in enumerate(SCALES):
        topic = f"prog-{2027 + turn}-sib{serial}-{place:02d}"
        topics.append(topic)
        title = f"{theme['en'].capitalize()}: {scale}"
        text = _body("en", f"{theme['en']} ({scale})", amount, 70, 30_000 + serial * 10 + place, rng.choice(EXTRAS))
        yield (
            f"sibling-{serial}-{place}",
            _call("eu_portal", topic, "en", title, text, day, "17:00", amount, hard_ids=(f"topic:{topic}", f"call:sib{serial}")),
        )
        yield f"sibling-{serial}-{place}", _call("eu_network", f"sib{serial}-{place}", "en", title, text, day, "", 0)
    listed = ", ".join(topic.upper() for topic in topics)
    yield (
        f"list-{serial}",
        _call(
            "xx_contact_point",
            f"l{serial}",
            "en",
            f"{theme['en'].capitalize()}: four topics open",
            f"Now open: {listed}.",
            day,
            "17:00",
            0,
        ),
    )


def _same_town_same_day(rng: random.Random, serial: int, number: int) -> Iterator[tuple[str, Notice]]:
    """Two fairs of one fairground that begin on one day, with the words that all fairs share."""
    start, town = DAY0 + timedelta(days=rng.randrange(40, 900)), TOWNS[number % len(TOWNS)]
    day = Moment(local=start.replace(tzinfo=None), zone="Europe/Brussels", utc=start)
    end = Moment(local=(start + timedelta(days=2)).replace(tzinfo=None), zone="Europe/Brussels", utc=start + timedelta(days=2))
    for name in (f"Agri{number}tec", f"Metal{number}days"):
        for source, title in (
            ("xx_fairground", f"{name} International Trade Fair {start.year}"),
            ("eu_calendar", f"{name} Exhibition and Congress {town}"),
        ):
            yield (
                f"ground-{serial}-{name}",
                Notice(
                    source=source, source_id=f"{serial}-{name}", kind="fair", url=f"https://{source}.example/g/{serial}/{name}", title=title,
                    text="International exhibition with congress.", language="en", starts=day, ends=end, place=Place(city=town),
                ),
            )  # fmt: skip
