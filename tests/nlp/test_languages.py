"""Languages of short titles."""

from __future__ import annotations

import pytest

from nlp.languages import identify

TITLES = {
    "bg": ["Покана за набиране на проектни предложения", "Подкрепа за малки и средни предприятия", "Обявени са нови процедури за финансиране"],
    "cs": ["Výzva k předkládání žádostí o podporu", "Podpora inovací v malých a středních podnicích", "Dodávka zdravotnických přístrojů"],
    "da": ["Ny pulje til grøn omstilling i mindre virksomheder", "Levering af medicinsk udstyr til sygehuse", "Indkaldelse af ansøgninger"],
    "de": ["Aufruf zur Einreichung von Projektskizzen", "Förderung der Kreislaufwirtschaft", "Lieferung von medizinischen Geräten"],
    "el": ["Πρόσκληση υποβολής προτάσεων", "Ενίσχυση μικρομεσαίων επιχειρήσεων", "Προμήθεια ιατρικού εξοπλισμού"],
    "en": ["Open call for proposals", "Support for small and medium-sized enterprises", "Supply of medical equipment"],
    "es": ["Convocatoria de ayudas a la innovación", "Suministro de equipos médicos", "Apoyo a las pequeñas y medianas empresas"],
    "et": ["Taotlusvoor väikestele ja keskmise suurusega ettevõtetele", "Meditsiiniseadmete ostmine", "Avatud on uus toetusmeede"],
    "fi": ["Avustushaku pienille ja keskisuurille yrityksille", "Lääkintälaitteiden hankinta", "Uusi rahoitushaku on avattu"],
    "fr": ["Appel à projets pour l'économie circulaire", "Fourniture de matériel médical", "Aide aux petites et moyennes entreprises"],
    "ga": ["Glao ar thograí do ghnóthais bheaga", "Tacaíocht d'fhiontair bheaga agus mheánmhéide", "Soláthar trealaimh leighis"],
    "hr": ["Javni poziv za dostavu projektnih prijedloga", "Potpora malim i srednjim poduzećima", "Nabava medicinske opreme"],
    "hu": ["Pályázati felhívás kis- és középvállalkozások számára", "Orvosi eszközök beszerzése", "Megjelent az új támogatási felhívás"],
    "it": ["Bando per il sostegno alle piccole e medie imprese", "Fornitura di apparecchiature mediche", "Invito a presentare proposte"],
    "lt": ["Kvietimas teikti paraiškas mažoms įmonėms", "Medicinos įrangos pirkimas", "Parama mažoms ir vidutinėms įmonėms"],
    "lv": ["Atklāts projektu iesniegumu konkurss", "Medicīnas iekārtu piegāde", "Atbalsts maziem un vidējiem uzņēmumiem"],
    "mt": ["Sejħa għal proposti għall-intrapriżi żgħar", "Provvista ta' tagħmir mediku", "Appoġġ għall-intrapriżi ż-żgħar"],
    "nl": ["Oproep tot het indienen van voorstellen", "Levering van medische apparatuur", "Steun voor kleine en middelgrote ondernemingen"],
    "pl": ["Nabór wniosków o dofinansowanie", "Dostawa sprzętu medycznego", "Wsparcie dla małych i średnich przedsiębiorstw"],
    "pt": ["Aviso para apresentação de candidaturas", "Fornecimento de equipamento médico", "Apoio às pequenas e médias empresas"],
    "ro": ["Apel pentru propuneri de proiecte", "Furnizarea de echipamente medicale", "Sprijin pentru întreprinderile mici și mijlocii"],
    "sk": ["Výzva na predkladanie žiadostí o príspevok", "Podpora malých a stredných podnikov", "Dodávka zdravotníckych prístrojov"],
    "sl": ["Javni razpis za sofinanciranje projektov", "Podpora malim in srednjim podjetjem", "Dobava medicinske opreme"],
    "sv": ["Utlysning för små och medelstora företag", "Leverans av medicinsk utrustning", "Stöd till innovationsprojekt i industrin"],
}  # fmt: skip


def test_short_titles_of_all_official_languages() -> None:
    wrong = [(lang, title, found) for lang, titles in TITLES.items() for title in titles if (found := identify(title)) != lang]
    assert len(TITLES) == 24
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("HORIZON-MISS-2027-OCEAN-02: A clean Baltic", "en"),
        ("<p><a href='https://x.example/de/'>Open call for proposals</a>&nbsp;</p>", "en"),
        ("Водопровод и канализация", "bg"),
        ("Доставка на лекарствени продукти", "bg"),
        ("Повик за доставување предлози за проекти", "mk"),
        ("Den kenyanske löparen slog etiopiern", "sv"),
    ],
)
def test_what_is_no_word_and_what_a_language_does_not_write(text: str, lang: str) -> None:
    assert identify(text) == lang


@pytest.mark.parametrize("text", ["", "2026", "€ 500.000", "SME", "---", "HORIZON-CL4-2027-01", "www.example.com/de 12", "<br/>"])
def test_unknown_is_an_answer(text: str) -> None:
    assert identify(text) == ""


def test_the_choice_can_be_narrowed() -> None:
    assert identify("Aide aux entreprises", among=("fr", "nl")) == "fr"
    assert identify("Steun aan bedrijven", among=("fr", "nl")) == "nl"
