"""Templates that cost little: fixed texts are translated when they are compiled, and what they print takes one step each.

A page of the feed prints some seven hundred values and calls some four hundred functions, so each microsecond counts there.
"""

from __future__ import annotations

import html
from functools import lru_cache
from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from store.site.feeds.safe import harmless
from store.site.manner import translations


def shown(value: Any) -> str:
    """What a template prints of a value: text escaped, without control characters and direction overrides; our own markup as it is."""
    if type(value) is str:
        return value if value.isalnum() else _escaped(value) if len(value) < _LONG else html.escape(harmless(value))
    return value if type(value) is Markup else escape(value)


@lru_cache(maxsize=8192)
def _escaped(text: str) -> str:
    return html.escape(harmless(text))


_LONG = 120  # characters: most of what is shorter stands on other pages too


class _Generator(CodeGenerator):
    """Writes each printed expression as one call of ``shown``, in place of one to finish it and one to escape it."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.shown(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(")")


class _Context(Context):
    """Calls methods and macros straight: neither asks for the context, and the macros here escape whoever calls them."""

    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        if not kwargs and type(called) in _PLAIN:
            return called(*args)
        return super().call(called, *args, **kwargs)


class Translated(Environment):
    """An environment of one language: ``_("a text")`` without values becomes its translation, as markup, in the compiled template.

    Everything that templates print goes through ``shown``.
    """

    code_generator_class = _Generator
    context_class = _Context

    def __init__(self, language: str, **options: Any) -> None:
        super().__init__(autoescape=True, **options)
        self.language = language
        self.shown = shown

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


_PLAIN = (MethodType, BuiltinMethodType, Macro, Once)


class _Translator(NodeTransformer):
    def __init__(self, language: str) -> None:
        self.gettext = translations(language).gettext

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # the name by which the visitor finds it
        fixed = isinstance(node.node, nodes.Name) and node.node.name in ("_", "gettext") and len(node.args) == 1
        if fixed and isinstance(node.args[0], nodes.Const) and not (node.kwargs or node.dyn_args or node.dyn_kwargs):
            said = self.gettext(node.args[0].value)
            return nodes.MarkSafe(nodes.Const(said, lineno=node.lineno), lineno=node.lineno, environment=node.environment)
        return self.generic_visit(node)
