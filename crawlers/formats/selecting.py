"""CSS selectors of a source, applied: ``h3 a``, ``h3 a::text``, ``a::attr(href)``, ``time::attr(datetime)``."""

from __future__ import annotations

from functools import lru_cache

from parsel import Selector
from parsel.csstranslator import HTMLTranslator

from crawlers.clean import text_of

_TRANSLATOR = HTMLTranslator()
HERE = "self"


@lru_cache(maxsize=4_096)
def compiled(css: str) -> str:
    """The XPath of a CSS selector (with parsel's ``::text`` and ``::attr(name)``). Raises cssselect.SelectorError."""
    prefix = "descendant-or-self::"
    if css == HERE or css.startswith(HERE + "::"):
        xpath: str = _TRANSLATOR.css_to_xpath("*" + css.removeprefix(HERE), prefix="self::")
        return xpath
    xpath = _TRANSLATOR.css_to_xpath(css, prefix=prefix)
    return xpath


def select(root: Selector, css: str) -> list[str]:
    """The non-empty strings that ``css`` finds below ``root``, in document order: attribute values and text nodes as they are, an
    element as its readable text. ``self`` (with ``::attr(...)`` or ``::text``) is the root itself.
    """
    found: list[str] = []
    for node in root.xpath(compiled(css)):
        text = str(node.root) if isinstance(node.root, str) else text_of(node.root)
        if text.strip():
            found.append(text.strip())
    return found
