"""Templates with their fixed texts translated when they are compiled, since a page says some hundred of them."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, nodes
from jinja2.runtime import Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from store.site.manner import translations


class Translated(Environment):
    """An environment of one language: ``_("a text")`` without values becomes its translation, as markup, in the compiled template."""

    def __init__(self, language: str, **options: Any) -> None:
        super().__init__(**options)
        self.language = language

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Translator(self.language).visit(super()._parse(source, name, filename))
        return tree


class Said(dict[str, Markup]):
    """Texts of the code (``N_``) by themselves, each with its translation as markup."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.gettext = translations(language).gettext

    def __missing__(self, text: str) -> Markup:
        self[text] = said = escape(self.gettext(text))
        return said


class Once:
    """What a macro of one language says to some values, said once: for small pieces that stand on each card. Their names differ."""

    def __init__(self) -> None:
        self.kept: dict[tuple[Any, ...], Markup] = {}

    def __call__(self, macro: Macro, *values: Any) -> Markup:
        """The piece; ``values`` and the language are all that it may depend on."""
        key = (macro.name, *values)
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) > 5000:
                self.kept.clear()
            found = self.kept[key] = Markup(macro(*values))  # noqa: S704 - made by a template that escapes
        return found


class _Translator(NodeTransformer):
    def __init__(self, language: str) -> None:
        self.gettext = translations(language).gettext

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # the name by which the visitor finds it
        fixed = isinstance(node.node, nodes.Name) and node.node.name in ("_", "gettext") and len(node.args) == 1
        if fixed and isinstance(node.args[0], nodes.Const) and not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            said = self.gettext(node.args[0].value)
            return nodes.MarkSafe(nodes.Const(said, lineno=node.lineno), lineno=node.lineno, environment=node.environment)
        return self.generic_visit(node)
