"""What two spellings of one thing have in common: texts folded, addresses without their tracking. Pure."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

_SPACE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+")
_SIGNS = str.maketrans(
    dict.fromkeys("‘’‚‛′ʼ`´", "'")
    | dict.fromkeys("“”„‟″«»‹›", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "...", "•": "-", "·": "-", "\u200b": " ", "\ufeff": " ", "\u00ad": ""}
)
_CACHE_BUSTERS = frozenset(("_", "t", "ts", "timestamp", "cb", "rnd", "nocache", "cachebuster", "itok"))
_TRACKING_PREFIXES = ("utm_", "mc_", "pk_", "mtm_", "matomo_", "hsa_", "_hs", "at_", "ga_", "oly_", "vero_", "trk")
_TRACKING = frozenset(
    (
        "fbclid",
        "gclid",
        "dclid",
        "msclkid",
        "yclid",
        "igshid",
        "twclid",
        "wbraid",
        "gbraid",
        "ref_src",
        "source_ref",
        "phpsessid",
        "jsessionid",
        "sessionid",
        "session_id",
        "sid",
        "cftoken",
        "cfid",
        "_ga",
        "_gl",
        "xtor",
        "wt_mc",
        "pagetrack",
    )
)


@functools.lru_cache(maxsize=4096)
def spaced(text: str) -> str:
    """``text`` in Unicode form C, each run of white space (also zero-width and soft hyphens) one space, none at the ends."""
    if text.isascii():
        return " ".join(text.split())
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text.replace("\u00ad", ""))).strip()


@functools.lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """``text`` without what is only form: entities, case, typographic quotes and dashes, white space, spaces before marks."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).casefold()
    return re.sub(r" ?([,;:.!?)\]]) ?", r"\1 ", " ".join(_SPACE.sub(" ", text).split())).strip(" .,;:")


@functools.lru_cache(maxsize=8192)
def plain_url(url: str) -> str:
    """The address without scheme, ``www.``, default port, fragment, tracking and session parameters, trailing slash; parameters
    sorted, host in lower case. For comparing, never for fetching; text that is no address comes back as it is.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
        port = parts.port
    except ValueError:
        return url.strip()
    if not host:
        return url.strip()
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    path = re.sub(r";jsessionid=[^/?]*", "", unquote(parts.path), flags=re.IGNORECASE).rstrip("/")
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not is_tracking(k) and k not in _CACHE_BUSTERS]
    return urlunsplit(("", host, path, urlencode(sorted(query)), "")).removeprefix("//")


def is_tracking(parameter: str) -> bool:
    """Whether a query parameter only says where the reader came from, or which session asks."""
    low = parameter.casefold()
    return low in _TRACKING or low.startswith(_TRACKING_PREFIXES)
