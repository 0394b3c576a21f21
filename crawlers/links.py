"""Addresses: made absolute, kept to http and https, and brought to one form before they identify anything."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

from crawlers.clean import strip_controls

LONGEST = 4_000
TRACKING_PREFIXES = ("utm_", "mc_", "pk_", "piwik_", "mtm_", "wt_", "at_", "hsa_", "_hs")
TRACKING = frozenset(
    [
        "fbclid",
        "gclid",
        "dclid",
        "msclkid",
        "yclid",
        "twclid",
        "igshid",
        "ref_src",
        "cmpid",
        "cmp",
        "ncid",
        "sr_share",
        "xtor",
        "phpsessid",
        "jsessionid",
        "sessionid",
        "sid",
        "aspsessionid",
    ]
)
_BREAKS = dict.fromkeys(map(ord, "\t\r\n"))  # browsers drop them, so they hide no scheme from us
INDEX_PAGES = ("/index.html", "/index.htm", "/index.php", "/index.jsp", "/default.aspx")


def absolute(url: str, base: str = "") -> str:
    """``url`` seen from ``base`` as an absolute http(s) address, safely quoted; "" for anything else (javascript:, data:, file:,
    mailto:, a bare fragment, an address with a user name, or longer than 4,000 characters).
    """
    url = strip_controls(url.translate(_BREAKS)).strip().replace("\\", "/")
    if not url or url.startswith("#") or len(url) > LONGEST:
        return ""
    try:
        joined = urljoin(base, url)
        parts = urlsplit(joined)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return ""
    try:
        return safe_url_string(joined)
    except (ValueError, UnicodeError):
        return ""


def page_link(value: str, base: str, options: Mapping[str, str]) -> str:
    """The absolute address that a field's ``value`` stands for: between the declared ``url_prefix`` and ``url_suffix`` unless it is
    an address already. "" as in ``absolute``.
    """
    value = value.strip()
    if not value.lower().startswith(("http://", "https://", "//")):
        value = options.get("url_prefix", "") + value + options.get("url_suffix", "")
    return absolute(value, base)


def canonical(url: str) -> str:
    """The form of ``url`` that identifies a page, for comparing and not for asking: https, lower-case host without ``www.``, no
    default port, no fragment, no tracking or session parameter, no trailing slash or index page, sorted query. "" stays "".
    """
    if not url:
        return ""
    try:
        parts = urlsplit(canonicalize_url(url))
        port = parts.port
    except (ValueError, UnicodeError):
        return url
    host = (parts.hostname or "").removeprefix("www.")
    if ":" in host:
        host = f"[{host}]"
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    path = parts.path.partition(";jsessionid=")[0]
    for index in INDEX_PAGES:
        if path.lower().endswith(index):
            path = path[: -len(index)]
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(key)])
    scheme = "https" if parts.scheme in {"http", "https"} else parts.scheme
    return urlunsplit((scheme, host, path.rstrip("/"), query, ""))


def _tracks(key: str) -> bool:
    lower = key.lower()
    return lower in TRACKING or lower.startswith(TRACKING_PREFIXES)
