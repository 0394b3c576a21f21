"""An invented store for the site's tests and screenshots: sources, runs, some 160 opportunities in eight languages, with history.

Everything goes through the writers of the store, at two moments a week apart, so that deadlines move, a fair is cancelled and a
mission is withdrawn. Nothing here was copied from anybody.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from store import notices, runs, sources, tags
from store.database import open_store
from store.model import Amount, Code, CountryTag, Deadline, Document, Evidence, Kind, Moment, Notice, Place, Role, SectorTag, Tags

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)

SOURCES: tuple[tuple[str, str, str, Kind, str, str, str], ...] = (
    ("eu_calls", "European calls for proposals", "Office for Sample Programmes", "call", "EU", "en", "Europe/Brussels"),
    ("pt_fundo", "Fundo Atlântico: avisos", "Fundo Atlântico", "call", "PT", "pt", "Europe/Lisbon"),
    ("de_foerder", "Förderportal Mitte", "Förderportal Mitte", "call", "DE", "de", "Europe/Berlin"),
    ("fr_guichet", "Guichet des aides", "Guichet des aides", "call", "FR", "fr", "Europe/Paris"),
    ("es_ayudas", "Ayudas a la industria", "Agencia de Ayudas", "call", "ES", "es", "Europe/Madrid"),
    ("it_bandi", "Bandi per le imprese", "Sportello Bandi", "call", "IT", "it", "Europe/Rome"),
    ("xx_tenders", "Open procurement notices", "Tender Gazette", "tender", "EU", "en", "Europe/Brussels"),
    ("pl_targi", "Targi Centrum", "Targi Centrum", "fair", "PL", "pl", "Europe/Warsaw"),
    ("de_messe", "Messekalender Rhein", "Messe Rhein", "fair", "DE", "de", "Europe/Berlin"),
    ("nl_missies", "Handelsmissies", "Bureau Handelsmissies", "event", "NL", "nl", "Europe/Amsterdam"),
    ("en_brokerage", "Brokerage and matchmaking", "Cluster Bridge", "event", "IE", "en", "Europe/Dublin"),
    ("xx_markets", "Market notes", "Export Observatory", "news", "BE", "en", "Europe/Brussels"),
    ("xx_studies", "Market studies", "Export Observatory", "study", "BE", "en", "Europe/Brussels"),
)
# language -> (title pattern, summary pattern); {s} is a phrase of the sector, {c} a country by name
CALLS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("Scaling up {s} for industrial supply chains", "Grants for consortia of small companies that bring {s} from pilot to market. Applicants from {c} may lead."),
        ("Twin transition vouchers: {s}", "Vouchers of up to EUR 60,000 for companies in {c} that work on {s} and want to cut energy use."),
        ("Pilot lines and test beds in {s}", "Support for shared test beds in {s}, open to clusters with members in {c}."),
    ),
    "pt": (
        ("Aviso de candidatura: inovação em {s}", "Apoio a empresas que investem em {s}. Podem concorrer entidades com sede em {c}."),
        ("Internacionalização das PME: {s}", "Incentivo à presença em feiras e missões nos mercados de {c}, na área de {s}."),
    ),
    "de": (
        ("Förderaufruf {s}: Zusammenarbeit im Mittelstand", "Gefördert werden Verbundvorhaben zu {s} mit Partnern aus {c}."),
        ("Klimafreundliche Produktion – {s}", "Zuschüsse für Betriebe, die {s} ressourcenschonend herstellen; Partner in {c} sind willkommen."),
    ),
    "fr": (
        ("Appel à projets « {s} » : démonstrateurs industriels", "Soutien aux démonstrateurs dans le domaine {s}, ouverts aux entreprises établies en {c}."),
        ("Aide à l'export : {s}", "Prise en charge partielle d'un premier salon professionnel en {c} pour la filière {s}."),
    ),
    "es": (
        ("Convocatoria de ayudas: {s}", "Ayudas para proyectos de {s} con socios de {c}. Presupuesto en concurrencia competitiva."),
        ("Programa de digitalización en {s}", "Subvenciones a pymes del ámbito de {s} que abran mercado en {c}."),
    ),
    "it": (
        ("Bando {s}: filiere e reti di impresa", "Contributi a fondo perduto per {s}, con partner in {c}."),
        ("Voucher fiere all'estero – {s}", "Contributo per la partecipazione a una fiera in {c} nel settore {s}."),
    ),
}  # fmt: skip
WORDS: dict[str, dict[str, str]] = {
    "plastics": {"en": "injection moulds and polymers", "pt": "moldes e plásticos", "de": "Spritzguss und Kunststoffe", "fr": "plasturgie et moules", "es": "moldes y plásticos", "it": "stampi e materie plastiche", "pl": "tworzywa sztuczne", "nl": "kunststoffen"},
    "agrofood": {"en": "food and drink processing", "pt": "agroalimentar", "de": "Lebensmittelverarbeitung", "fr": "agroalimentaire", "es": "agroalimentación", "it": "agroalimentare", "pl": "żywność", "nl": "voedingsmiddelen"},
    "textile": {"en": "technical textiles", "pt": "têxteis técnicos", "de": "technische Textilien", "fr": "textiles techniques", "es": "textiles técnicos", "it": "tessili tecnici", "pl": "tekstylia techniczne", "nl": "technisch textiel"},
    "energy": {"en": "hydrogen and storage", "pt": "hidrogénio e armazenamento", "de": "Wasserstoff und Speicher", "fr": "hydrogène et stockage", "es": "hidrógeno y almacenamiento", "it": "idrogeno e accumulo", "pl": "wodór i magazynowanie", "nl": "waterstof en opslag"},
    "electronics": {"en": "photonics and sensors", "pt": "fotónica e sensores", "de": "Photonik und Sensorik", "fr": "photonique et capteurs", "es": "fotónica y sensores", "it": "fotonica e sensori", "pl": "fotonika i czujniki", "nl": "fotonica en sensoren"},
    "health": {"en": "medical devices", "pt": "dispositivos médicos", "de": "Medizintechnik", "fr": "dispositifs médicaux", "es": "productos sanitarios", "it": "dispositivi medici", "pl": "wyroby medyczne", "nl": "medische hulpmiddelen"},
    "machinery": {"en": "robotics and automation", "pt": "robótica e automação", "de": "Robotik und Automation", "fr": "robotique et automatisation", "es": "robótica y automatización", "it": "robotica e automazione", "pl": "robotyka i automatyka", "nl": "robotica"},
    "packaging": {"en": "sustainable packaging", "pt": "embalagem sustentável", "de": "nachhaltige Verpackung", "fr": "emballage durable", "es": "envases sostenibles", "it": "imballaggio sostenibile", "pl": "opakowania", "nl": "duurzame verpakking"},
    "construction": {"en": "low-carbon building products", "pt": "construção sustentável", "de": "Bauprodukte", "fr": "matériaux de construction", "es": "construcción sostenible", "it": "edilizia sostenibile", "pl": "budownictwo", "nl": "bouwproducten"},
    "water": {"en": "waste water treatment", "pt": "tratamento de águas", "de": "Abwasserbehandlung", "fr": "traitement de l'eau", "es": "tratamiento de aguas", "it": "trattamento delle acque", "pl": "oczyszczanie wody", "nl": "waterzuivering"},
}  # fmt: skip
COUNTRIES: dict[str, str] = {
    "PT": "Portugal", "DE": "Germany", "FR": "France", "ES": "Spain", "IT": "Italy", "PL": "Poland", "NL": "Netherlands",
    "BR": "Brazil", "US": "United States", "JP": "Japan", "MA": "Morocco", "IN": "India", "CA": "Canada", "AE": "United Arab Emirates",
}  # fmt: skip
CITIES: tuple[tuple[str, str, str, str], ...] = (
    ("Düsseldorf", "DE", "Halle 8", "Europe/Berlin"), ("Poznań", "PL", "Pawilon 5", "Europe/Warsaw"), ("Lisbon", "PT", "Pavilhão 2", "Europe/Lisbon"),
    ("Lyon", "FR", "Parc des expositions", "Europe/Paris"), ("Bilbao", "ES", "Pabellón 3", "Europe/Madrid"), ("Milan", "IT", "Padiglione 9", "Europe/Rome"),
    ("Utrecht", "NL", "Hal 4", "Europe/Amsterdam"), ("São Paulo", "BR", "Pavilhão Azul", "America/Sao_Paulo"), ("Osaka", "JP", "Hall 6", "Asia/Tokyo"),
    ("Casablanca", "MA", "Hall C", "Africa/Casablanca"), ("Chicago", "US", "North Hall", "America/Chicago"), ("Mumbai", "IN", "Hall 1", "Asia/Kolkata"),
)  # fmt: skip


def deadline(
    on: date, zone: str, *, at: time | None = None, flags: tuple[str, ...] = (), stage: int = 1, quote: str = ""
) -> Deadline:
    """A deadline at the end of a local day, or at a time of it."""
    local = datetime.combine(on, at or time(0))
    last = datetime.combine(on, at or time(23, 59, 59)).replace(tzinfo=ZoneInfo(zone))
    return Deadline(
        local=local, zone=zone, utc=last.astimezone(UTC), precision="minute" if at else "day", zone_source="source" if not at else "explicit",
        stage=stage, flags=flags, quote=quote or (f"{on:%d %B %Y}, at {at:%H.%M}" if at else f"{on:%d %B %Y}"),
    )  # fmt: skip


def moment(on: date, zone: str) -> Moment:
    """The beginning of a local day."""
    local = datetime.combine(on, time(0))
    return Moment(local=local, zone=zone, utc=local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))


def make_notices(now: datetime, seed: int = 7) -> list[Notice]:
    """Some 160 notices with dates relative to ``now``; the same for the same seed."""
    chance = random.Random(seed)
    today = now.date()
    out: list[Notice] = []
    calls = [s for s in SOURCES if s[3] == "call"]
    sectors = list(WORDS)
    for n in range(78):
        name, _, publisher, _, _, language, zone = calls[n % len(calls)]
        sector, country = sectors[(n * 7) % len(sectors)], list(COUNTRIES)[(n * 5) % 8]
        title, summary = CALLS[language][(n // 6) % len(CALLS[language])]
        words = {"s": WORDS[sector][language], "c": COUNTRIES[country]}
        days = chance.choice([-40, -9, 1, 3, 6, 9, 12, 17, 23, 34, 45, 58, 75, 96, 130])
        at = chance.choice([None, time(17, 0), time(18, 0)])
        dates: tuple[Deadline, ...] = (deadline(today + timedelta(days=days), zone, at=at),)
        if n % 13 == 4:
            dates = (
                deadline(today + timedelta(days=20), zone, at=time(17, 0), stage=1),
                deadline(today + timedelta(days=150), zone, at=time(17, 0), stage=2),
            )
        if n % 17 == 3:
            on = date(today.year + 1, 4, 1)
            dates = (
                deadline(
                    on, "Europe/Brussels", at=time(18, 0), flags=("zone_label_conflict",), quote=f"{on:%d %B %Y}, at 18.00 CET"
                ),
            )
        rolling = n % 19 == 6
        if rolling:
            dates = (
                Deadline(
                    local=None, zone=zone, utc=None, precision="day", zone_source="source", rolling=True, quote="open all year"
                ),
            )
        opens = moment(today + timedelta(days=15), zone) if n % 11 == 5 and days > 17 else None
        amount = chance.choice([60_000, 250_000, 500_000, 1_200_000, 4_000_000])
        out.append(
            Notice(
                source=name, source_id=f"{name}-{n:04d}", kind="call", url=f"https://{name.replace('_', '-')}.example/calls/{n:04d}",
                title=title.format(**words), summary=summary.format(**words), language=language, organiser=publisher,
                text=f"{summary.format(**words)} " + "The full text of the call describes scope, award criteria and the documents to hand in. " * 3,
                published=now - timedelta(days=chance.randint(0, 60), hours=n % 9), deadlines=dates, opens=opens,
                programme=chance.choice(["", "Sample Programme 2027", "Atlantic Growth"]),
                eligibility=chance.choice(["", "Small and medium companies with at least two closed financial years.", "Consortia of three entities from three countries."]),
                amounts=(Amount(maximum=float(amount), currency="EUR", rate=chance.choice([None, 50.0, 70.0]), quote=f"up to EUR {amount:,}"),),
                documents=(Document(url=f"https://{name.replace('_', '-')}.example/files/{n}.pdf", title="Guide for applicants"),) if n % 2 else (),
                hard_ids=(f"topic:sample-2027-{n:03d}",), codes=(Code(scheme="sector", value=sector), Code(scheme="country", value=country, role="eligible")),
            )
        )  # fmt: skip
    for n in range(26):
        sector, country = sectors[(n * 3) % len(sectors)], list(COUNTRIES)[(n * 3) % len(COUNTRIES)]
        out.append(
            Notice(
                source="xx_tenders", source_id=f"T-{n:04d}", kind="tender", url=f"https://tenders.example/notice/{n}",
                title=f"{COUNTRIES[country]}: supply of {WORDS[sector]['en']}", language="en", organiser=f"Regional purchasing body {n + 3}",
                summary=f"Framework contract for {WORDS[sector]['en']} for public buyers in {COUNTRIES[country]}, in four lots.",
                text=f"The buyer in {COUNTRIES[country]} intends to conclude a framework contract for {WORDS[sector]['en']}.",
                published=now - timedelta(days=n), deadlines=(deadline(today + timedelta(days=5 + n * 2), "Europe/Brussels", at=time(12, 0)),),
                amounts=(Amount(value=float(150_000 + 90_000 * n), currency="EUR", quote="estimated value"),),
                hard_ids=(f"ted:{1000 + n}-2026",), codes=(Code(scheme="sector", value=sector), Code(scheme="country", value=country, role="buyer")),
            )
        )  # fmt: skip
    for n in range(24):
        city, country, venue, zone = CITIES[n % len(CITIES)]
        sector = sectors[(n * 9) % len(sectors)]
        begin = today + timedelta(days=4 + n * 11)
        fair_source = "pl_targi" if n % 2 else "de_messe"
        word = WORDS[sector]["pl" if n % 2 else "de"]
        out.append(
            Notice(
                source=fair_source, source_id=f"F-{n:04d}", kind="fair", url=f"https://fairs.example/{n}",
                title=f"{word[:1].upper()}{word[1:]} Expo {city} {begin.year}", language="pl" if n % 2 else "de",
                summary=f"International trade fair for {WORDS[sector]['en']}, {venue}, {city}.", text=f"Exhibitors from 40 countries show {WORDS[sector]['en']} in {city}.",
                published=now - timedelta(days=3 * n), starts=moment(begin, zone), ends=moment(begin + timedelta(days=3), zone),
                place=Place(name=venue, city=city, country=country), organiser=f"Messe {city}", hard_ids=(f"fair:{word.split()[0].lower()}:{begin.year}-{n}",),
                codes=(Code(scheme="sector", value=sector), Code(scheme="country", value=country, role="venue")),
            )
        )  # fmt: skip
    for n in range(18):
        city, country, venue, zone = CITIES[(n * 5) % len(CITIES)]
        sector = sectors[(n * 4) % len(sectors)]
        begin, online = today + timedelta(days=2 + n * 6), n % 4 == 0
        source, title = ("nl_missies", f"Handelsmissie {WORDS[sector]['nl']} naar {city}") if n % 2 else (
            "en_brokerage", f"{city} brokerage day: {WORDS[sector]['en']}")  # fmt: skip
        out.append(
            Notice(
                source=source, source_id=f"E-{n:04d}", kind="event", url=f"https://events.example/{n}", title=title,
                language="nl" if n % 2 else "en", summary=f"Meet buyers and partners in {WORDS[sector]['en']} in {COUNTRIES.get(country, country)}.",
                text="Bilateral meetings of twenty minutes, prepared from your profile.", published=now - timedelta(days=2 * n),
                deadlines=(deadline(begin - timedelta(days=7), zone, flags=("before_publication",) if n == 7 else ()),) if n > 2 else (),
                starts=moment(begin, zone), ends=moment(begin + timedelta(days=n % 3), zone), organiser="Cluster Bridge",
                place=Place(name="" if online else venue, city="" if online else city, country=country, online=online),
                codes=(Code(scheme="sector", value=sector), Code(scheme="country", value=country, role="venue" if not online else "target")),
            )
        )  # fmt: skip
    for n in range(16):
        sector, country = sectors[n % len(sectors)], list(COUNTRIES)[(n * 5) % len(COUNTRIES)]
        kind: Kind = "study" if n % 4 == 3 else "news"
        out.append(
            Notice(
                source="xx_studies" if kind == "study" else "xx_markets", source_id=f"N-{n:04d}", kind=kind, url=f"https://observatory.example/{n}",
                title=f"{COUNTRIES[country]}: {'market study on' if kind == 'study' else 'demand grows for'} {WORDS[sector]['en']}", language="en",
                summary=f"What buyers in {COUNTRIES[country]} ask for in {WORDS[sector]['en']}, and which rules change next year.",
                text=f"Imports of {WORDS[sector]['en']} into {COUNTRIES[country]} rose again.", published=now - timedelta(days=n), organiser="Export Observatory",
                codes=(Code(scheme="sector", value=sector), Code(scheme="country", value=country, role="target")),
            )
        )  # fmt: skip
    return out


def tag_all(db: Database, now: datetime) -> None:
    """Tag what is stale from the codes that the notices carry, with a phrase of the text as evidence where there is one."""
    for row in tags.stale(db, "sample"):
        text = f"{row['title']}\n{row['text']}"
        held: dict[str, list[str]] = {"sector": [], "country": []}
        roles: dict[str, Role] = {}
        for code in row["codes"]:
            if code.scheme in held:
                held[code.scheme].append(code.value)
                if code.role:
                    roles[code.value] = code.role
        written = Tags(
            lang=row["language"],
            vocabulary="sample",
            sectors=tuple(
                SectorTag(id=s, score=0.93, evidence=(_proof(text, list(WORDS[s].values()), f"term:{s}"),)) for s in held["sector"]
            ),
            countries=tuple(
                CountryTag(
                    code=c,
                    role=roles.get(c, "mentioned"),
                    score=0.88,
                    evidence=(_proof(text, [COUNTRIES.get(c, c), c], "cue:role"),),
                )
                for c in held["country"]
            ),
        )
        tags.write(db, row["id"], written, row["text_hash"], now)


def _proof(text: str, phrases: list[str], rule: str) -> Evidence:
    for phrase in phrases:
        start = text.casefold().find(phrase.casefold())
        if start >= 0:
            return Evidence(quote=text[start : start + len(phrase)], start=start, end=start + len(phrase), rule=rule)
    return Evidence(quote="declared by the publisher", rule="code")


def build_store(path: Path, now: datetime = NOW) -> Path:
    """Make the published file at ``path`` with everything above, crawled a week ago and again at ``now``."""
    db = open_store(path)
    sources.keep(db, [
        {"name": name, "title": title, "publisher": publisher, "url": f"https://{name.replace('_', '-')}.example/", "format": "feed", "kind": kind,
         "country": country, "languages": [language], "timezone": zone, "every": 1440, "licence": "Open licence", "terms": "", "robots": "obey",
         "official_feed": True, "verified": name != "fr_guichet", "verified_how": "recorded", "enabled": True,
         "blocked": "the publisher asked us not to read it" if name == "it_bandi" else "", "publish": "review" if name == "en_brokerage" else "auto", "trust": "feed"}
        for name, title, publisher, kind, country, language, zone in SOURCES
    ])  # fmt: skip
    wanted = make_notices(now)
    earlier = now - timedelta(days=7)
    _crawl(db, [_as_it_was(n, i) for i, n in enumerate(wanted)], earlier, broken=set())
    tag_all(db, earlier)
    fresh = [replace(n, cancelled=True) if n.kind == "fair" and n.source_id == "F-0004" else n for n in wanted]
    _crawl(db, fresh + _repeats(wanted), now - timedelta(hours=3), broken={"es_ayudas"})
    tag_all(db, now)
    db.conn.execute("update opportunity set review = 'published' where review <> 'published' and id % 3 <> 0")
    from store import index

    index.refresh(db, [row[0] for row in db.conn.execute("select id from opportunity")])
    db.conn.commit()
    db.close()
    return path


def _as_it_was(notice: Notice, n: int) -> Notice:
    """A week ago some deadlines were a fortnight earlier."""
    if n % 9 == 2 and notice.deadlines and notice.deadlines[0].local and notice.kind == "call":
        first = notice.deadlines[0]
        assert first.local is not None
        moved = deadline(
            first.local.date() - timedelta(days=14), first.zone, at=first.local.time() if first.precision == "minute" else None
        )
        return replace(notice, deadlines=(moved, *notice.deadlines[1:]))
    return notice


def _repeats(wanted: list[Notice]) -> list[Notice]:
    """Some calls that a second source repeats under the same official id."""
    return [
        replace(
            n,
            source="en_brokerage",
            source_id=f"again-{n.source_id}",
            url=f"https://bridge.example/{n.source_id}",
            title=n.title.upper(),
        )
        for n in wanted
        if n.kind == "call"
    ][::8]


def _crawl(db: Database, wanted: list[Notice], now: datetime, broken: set[str]) -> None:
    for (
        name,
        *_,
    ) in SOURCES:
        mine = [n for n in wanted if n.source == name]
        run = runs.start_run(db, "crawl", name, now=now)
        if name in broken:
            runs.end_run(
                db,
                run,
                now=now,
                verdict="broken",
                complete=False,
                counts={"requests": 3, "problems": 1},
                reasons=["the list page answered 500 three times"],
            )
            continue
        done = notices.apply(db, run, mine, now=now, publish="review" if name == "en_brokerage" else "auto")
        runs.end_run(
            db, run, now=now + timedelta(minutes=2), verdict="healthy", complete=True,
            counts={"requests": 12, "notices": len(mine), "new": done.new, "changed": done.changed, "unchanged": done.unchanged, "problems": 0},
        )  # fmt: skip
