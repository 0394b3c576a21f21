"""From a template and values to an answer. One Jinja environment a language, everything escaped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from store.accounts import ROLES
from store.search import Viewer
from store.search.filter import encoded
from store.site import words
from store.site.manner import LANGUAGES, NAMES, Manner, choose_language, translations
from store.site.site import RANK, Site, the_site
from store.site.translated import Once, Said, Translated

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


@lru_cache(maxsize=8)
def environment(language: str) -> Environment:
    """The templates in one language."""
    env = Translated(
        language,
        loader=FileSystemLoader(FOLDER / "templates"),
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(words=words, static=static_address, languages=NAMES, ranks=RANK, member_roles=ROLES)
    env.globals.update(said=Said(language), once=Once(), sectors=words.SECTOR)
    env.filters["safe_link"] = safe_link
    env.filters["country_name"] = lambda code, manner: manner.country(code)
    return env


@lru_cache(maxsize=32)
def static_address(name: str) -> str:
    """The address of a file of ``static/``, with a mark of its content so that browsers may keep it."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


def safe_link(address: str) -> str:
    """The address when it is http or https, else ""; nothing else that was crawled becomes a link."""
    return address if address.startswith(("https://", "http://")) else ""


def args_of(request: Request) -> dict[str, list[str]]:
    """The arguments of an address: every value of every name."""
    return parse_qs(request.query_string, keep_blank_values=True, errors="replace", max_num_fields=400)


async def form_of(request: Request) -> dict[str, list[str]]:
    """The fields of a posted form: every value of every name."""
    body: bytes = await request.post_body()
    return parse_qs(body.decode("ascii", "replace"), keep_blank_values=True, errors="replace", max_num_fields=400)


def manner_of(site: Site, request: Request) -> Manner:
    """How this reader is spoken to: by their own choice when signed in, else by what their browser prefers."""
    actor = request.actor or {}
    language = choose_language(actor.get("language") or "", request.headers.get("accept-language", ""))
    return Manner(language, actor.get("zone") or "Europe/Brussels", site.clock())


def viewer_of(request: Request) -> Viewer:
    """What the signed-in reader may see of the lists."""
    actor = request.actor or {}
    return Viewer(cluster=actor.get("cluster", ""), since=actor.get("since", ""))


def wants(request: Request) -> str:
    """The format that the path ends in (``json``), or ``html``."""
    return request.url_vars.get("format") or "html"


def page(datasette: Datasette, request: Request, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    """A rendered page. Templates also get ``actor``, ``manner`` (as ``m``), ``path``, ``csrftoken`` and ``site``."""
    site = the_site(datasette)
    return Response.html(render(site, request, template, values), status=status)


def render(site: Site, request: Request, template: str, values: Mapping[str, Any]) -> str:
    """The text of a page."""
    manner = values.get("m") or manner_of(site, request)
    token = request.scope.get("csrftoken")
    context = {
        "actor": request.actor,
        "m": manner,
        "now": manner.now,
        "path": request.path,
        "query": request.query_string,
        "csrftoken": token if token is not None else _no_token,
        "site": site,
        "is_manager": RANK.get((request.actor or {}).get("role", ""), 0) >= RANK["manager"],
        "is_operator": (request.actor or {}).get("role") == "operator",
        **values,
    }
    return environment(manner.language).get_template(template).render(context)


def _no_token() -> str:
    return ""


def data(values: Any, *, status: int = 200) -> Response:
    """An answer in JSON, UTF-8."""
    body = json.dumps(values, ensure_ascii=False)
    return Response(body.encode("utf-8", "replace"), status=status, content_type="application/json; charset=utf-8")


def not_found(datasette: Datasette, request: Request) -> Response:
    """The same answer for what does not exist and for what this reader may not see."""
    if wants(request) != "html":
        return data({"ok": False, "status": 404, "error": "There is no such page."}, status=404)
    return page(datasette, request, "error.html", {"status": 404}, status=404)


def address(path: str, pairs: list[tuple[str, str]] | None = None) -> str:
    """A path with arguments."""
    return path + ("?" + encoded(pairs) if pairs else "")


def languages() -> tuple[str, ...]:
    """The languages of the interface."""
    return LANGUAGES
