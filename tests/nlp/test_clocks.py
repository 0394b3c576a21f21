"""A place that names a clock, or stands in the publisher's own address, is no tag; the same place elsewhere is."""

from __future__ import annotations

import pytest

from nlp.countries.tagger import tag_countries

CLOCKS = [
    ("en", "Webinar: 14:00 London time / 15:00 Paris time."),
    ("en", "Office hours: 9-17 (Helsinki time)."),
    ("en", "Applications close on 12 March 2027 at 17:00 Brussels local time."),
    ("en", "Deadline 5 June 2027, 5 pm Eastern Time (US and Canada)."),
    ("en", "The info day starts at 9 a.m. Central European Time."),
    ("fr", "Clôture le 4 mai 2027 à 12h (heure de Bruxelles)."),
    ("fr", "Date limite : 12 mars 2027 à 17h00, heure de Paris."),
    ("pt", "Prazo: 30/04/2027, 17:59 hora de Lisboa."),
    ("es", "Plazo: 5 de mayo de 2027, 14:00 h, hora peninsular española."),
    ("es", "Hasta las 14:00 (hora de Madrid) del 5 de mayo de 2027."),
    ("it", "Entro le ore 17:00 (ora di Bruxelles) del 12 marzo 2027."),
    ("pl", "Wnioski do 12 marca 2027 r. do godz. 16:00 czasu warszawskiego."),
    ("de", "Einreichung bis 12. März 2027, 17:00 Uhr Ortszeit Berlin."),
    ("nl", "Uiterlijk 12 maart 2027 om 17.00 uur Brusselse tijd."),
    ("cs", "Uzávěrka 12. března 2027 v 17:00 bruselského času."),
    ("sv", "Ansökan senast den 12 mars 2027 klockan 14.00 svensk tid."),
]
ADDRESSES = [
    ("en", "A programme for companies.\n© 2026 Agency for Growth, Rue Royale 1, 1000 Brussels, Belgium"),
    ("de", "Förderung für Betriebe.\nImpressum: Agentur Nord GmbH, Musterstraße 1, 10115 Berlin, Deutschland"),
    ("en", "News on moulds.\nImprint: Example Ltd, 1 High Street, London, United Kingdom"),
]
PLACES = [
    ("en", "The fair takes place in Paris on 4 May 2027.", "FR"),
    ("en", "Companies met in Berlin at 17:00; time was short.", "DE"),
    ("fr", "Le salon se tient à Paris le 4 mai 2027 à 9 heures.", "FR"),
    ("de", "Die Messe in Berlin öffnet um 9 Uhr.", "DE"),
    ("en", "For the first time in Spain, 40 buyers come together.", "ES"),
]


@pytest.mark.parametrize(("lang", "text"), CLOCKS + ADDRESSES)
def test_a_clock_or_an_imprint_is_no_country(lang: str, text: str) -> None:
    assert tag_countries(text, lang) == ()


@pytest.mark.parametrize(("lang", "text", "code"), PLACES)
def test_a_place_near_an_hour_is_a_country(lang: str, text: str, code: str) -> None:
    assert [tag.code for tag in tag_countries(text, lang)] == [code]
