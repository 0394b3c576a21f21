"""Which addresses may be asked: http and https on public hosts. Loopback, private, link-local and all other special ranges are refused
before the request, after every redirect, and once more where the name is resolved, so that no name can be made to point inward.

The sample web and tests live on loopback: ``host:port`` pairs may be allowed one by one (``CLUSTERSCOUT_ALLOW_HOSTS``).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

from crawlers.errors import RefusedAddress
from crawlers.failures import Dropped

# Names that were resolved to an inner address in this process, and why they are refused.
refused_names: dict[str, str] = {}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Ports that speak other protocols than the web; a redirect to one would make us a courier of somebody's commands.
REFUSED_PORTS = frozenset(
    {
        19,
        21,
        22,
        23,
        25,
        53,
        69,
        110,
        111,
        119,
        135,
        139,
        143,
        389,
        445,
        465,
        514,
        587,
        636,
        993,
        995,
        1433,
        3306,
        5432,
        6379,
        9200,
        11211,
        27017,
    }
)


def check_address(url: str, allowed: Collection[str] = ()) -> None:
    """Raise RefusedAddress unless ``url`` is http(s) on a host that is not special; ``allowed`` are exact ``host:port`` pairs.

    A host written as a number (decimal, octal, hexadecimal, shortened) is read as the system reads it. Names pass here and are
    checked when they are resolved; ``localhost`` and names under ``.local``, ``.internal``, ``.localhost`` do not.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip(".").lower(), parts.port
    except ValueError as error:
        raise RefusedAddress(f"'{url[:200]}' is not an address") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise RefusedAddress(f"'{url[:200]}' is not an http or https address")
    port = port or (443 if parts.scheme == "https" else 80)
    if f"{host}:{port}" in allowed:
        return
    if port in REFUSED_PORTS:
        raise RefusedAddress(f"port {port} of {host} is not a web server's")
    number = _literal(host)
    if number is not None:
        check_ip(number, host)
    elif host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")):
        raise RefusedAddress(f"{host} is a name inside this network")


def check_ip(address: str, host: str) -> None:
    """Raise RefusedAddress unless the IP ``address`` (of ``host``) is public. IPv6 forms that hold an IPv4 address are opened."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner: ipaddress.IPv4Address | ipaddress.IPv6Address = ip
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            inner = ip.ipv4_mapped
        elif ip.sixtofour is not None:
            inner = ip.sixtofour
        elif ip.teredo is not None:
            inner = ip.teredo[1]
        elif ip in NAT64 or int(ip) >> 32 == 0:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    for one in (ip, inner):
        if one == inner and (not one.is_global or one.is_multicast or one.is_reserved):
            raise RefusedAddress(f"{host} leads to {address}, which is not a public address")


def _literal(host: str) -> str | None:
    """The IP address that ``host`` is, in any spelling the system accepts; None for a name."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    if not host or (host[-1].isalpha() and not host.startswith("0x")):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


class AddressGuard:
    """Downloader middleware that stands before all others: drops requests to addresses that must not be asked."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.allowed = frozenset(allowed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AddressGuard:
        """Built by Scrapy; reads ALLOW_HOSTS."""
        return cls(crawler.settings.getlist("ALLOW_HOSTS"))

    def process_request(self, request: Request) -> None:
        """Raise Dropped for an address that must not be asked."""
        try:
            check_address(request.url, self.allowed)
            if why := refused_names.get(urlsplit(request.url).hostname or ""):
                raise RefusedAddress(why)
        except RefusedAddress as error:
            raise Dropped("refused-address", str(error), refused=True) from error


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's resolver, refusing names that lead to addresses that are not public (IPv4, as Scrapy's own)."""

    allowed_names: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        """Built by Scrapy; the names of ALLOW_HOSTS may lead anywhere, on the ports that ``AddressGuard`` lets through."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.allowed_names = frozenset(host.rpartition(":")[0] for host in crawler.settings.getlist("ALLOW_HOSTS"))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """The address of ``name``; fails as if there were no such host when it is not public."""
        found: Deferred[str] = super().getHostByName(name, timeout)
        if name not in self.allowed_names:
            found.addCallback(self._public, name)
        return found

    @staticmethod
    def _public(address: str, name: str) -> str:
        try:
            check_ip(address, name)
        except RefusedAddress as error:  # the downloader keeps no more of it than "no such host": the guard tells the reason
            refused_names[name] = str(error)
            raise DNSLookupError(str(error)) from error
        return address
