"""Countries and groups of countries in a text, each with a role and the phrase that proves it."""

from nlp.countries.groups import members
from nlp.countries.tagger import tag_countries

__all__ = ["members", "tag_countries"]
