"""One parser a regular format; a source's ``format`` names it. ``page:<module>`` is a module of ``crawlers/pages`` instead."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from crawlers.prose import completed
from crawlers.source import Source
from store.model import Follow, Notice, Page, Problem

Parser = Callable[[Page, Source], Iterator[Notice | Problem | Follow]]

# The module of a format is imported when a source of that format is read: a crawl of one feed loads no PDF reader.
MODULES: Mapping[str, str] = MappingProxyType(
    {name: f"crawlers.formats.{name}" for name in ("feed", "ical", "jsonld", "sitemap", "json_api", "html_list", "document")}
)
PAGE = "page:"


class _Formats(Mapping[str, Parser]):
    """Format name -> parser; the module is imported on first use."""

    def __getitem__(self, name: str) -> Parser:
        parser: Parser = importlib.import_module(MODULES[name]).parse
        return parser

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


FORMATS: Mapping[str, Parser] = _Formats()


def parser_of(source: Source) -> Parser:
    """The parser of a source; what its notices say in prose alone is read too (``crawlers.prose``).

    Raises KeyError for a format that does not exist (``declare`` refuses such a source).
    """
    parse = _plain_parser(source)
    return lambda page, asked: completed(parse(page, asked), asked)


def _plain_parser(source: Source) -> Parser:
    if source.format.startswith(PAGE):
        parser: Parser = importlib.import_module(f"crawlers.pages.{source.format.removeprefix(PAGE)}").parse
        return parser
    return FORMATS[source.format]
