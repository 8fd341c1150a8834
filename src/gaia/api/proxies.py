"""From which address a call comes, where proxies stand before this server: said by those that are trusted alone.

Whoever calls can write any header; a proxy adds the address that it was called from at its right end. So it is read
from the right, for as long as what says it is a proxy of ours; what stands further left is a tale.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import Request

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HEADERS = ("x-forwarded-for", "forwarded")
_MOST_HOPS = 20
_LONGEST = 4000
"""Characters from the right that are read."""
_VALUE = r"""(?:[!#$%&'*+.^`|~\w:\[\]-]+|"(?:[^"\\]|\\.)*")"""
_PAIR = rf"[!#$%&'*+.^`|~\w-]+={_VALUE}"
_ELEMENT = re.compile(rf"\s*{_PAIR}(?:\s*;\s*{_PAIR})*\s*")
_FOR = re.compile(rf"(?:^|;)\s*for=({_VALUE})", re.IGNORECASE)
_NODE = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?|([0-9A-Fa-f:.]+)")


@dataclass(frozen=True, slots=True)
class Proxies:
    """Those whose word counts, and the header in which they give it."""

    networks: tuple[Network, ...] = ()
    header: str = HEADERS[0]

    @classmethod
    def capture(cls, environ: Mapping[str, str]) -> Proxies:
        """`GAIA_TRUSTED_PROXIES`: addresses and networks, with commas; `GAIA_PROXY_HEADER`: one header of `HEADERS`.

        A proxy sets one of the two and hands the other on as it came, so nobody can say by themselves which to believe.

        Raises:
            Invalid: `proxies-invalid`.
        """
        said = environ.get("GAIA_TRUSTED_PROXIES", "")
        header = environ.get("GAIA_PROXY_HEADER", "").strip().lower() or HEADERS[0]
        if header not in HEADERS:
            raise _invalid(f"GAIA_PROXY_HEADER is {header[:100]!r}", f"Set it to one of {', '.join(HEADERS)}.")
        try:
            networks = tuple(ipaddress.ip_network(one.strip()) for one in said.split(",") if one.strip())
        except ValueError as error:
            raise _invalid(
                f"GAIA_TRUSTED_PROXIES: {error}",
                "Write addresses and networks with commas between them: 10.0.0.0/8,2001:db8::1.",
            ) from error
        return cls(networks, header)

    def address(self, request: Request) -> str:
        """Where a call comes from, as it is counted: an IPv6 network of 64 bits is one, for one customer has it whole.

        It is that of the last proxy where that says nothing that can be read.
        """
        peer = request.client.host if request.client else ""
        at = _read(peer)
        if at is None:
            return peer
        for said in self._said(", ".join(request.headers.getlist(self.header))) if self.networks else ():
            if not self._trusts(at) or (before := _read(said)) is None:
                break
            at = before
        return str(at) if at.version == 4 else str(ipaddress.ip_network((at, 64), strict=False))

    def is_one(self, peer: str) -> bool:
        """Whether who connects from this address is a proxy whose word counts."""
        at = _read(peer) if self.networks else None
        return at is not None and self._trusts(at)

    def _said(self, text: str) -> Iterator[str]:
        """What proxies say that they were called from, the last one's word first."""
        elements = _plain(text) if self.header == HEADERS[0] else _forwarded(text[-_LONGEST:])
        return islice(elements, _MOST_HOPS)

    def _trusts(self, address: Address) -> bool:
        return any(address.version == one.version and address in one for one in self.networks)


def _plain(text: str) -> Iterator[str]:
    return (one.strip() for one in reversed(text[-_LONGEST:].split(",")))


def _forwarded(text: str) -> Iterator[str]:
    """The `for` of each element of RFC 7239. What is no element ends it: a quote that somebody left open, for instance.

    A comma within quotes parts nothing, so an element ends at the first one from the right that leaves it whole.
    """
    end = at = len(text)
    while end > 0:
        at = text.rfind(",", 0, at)
        if _ELEMENT.fullmatch(text, at + 1, end):
            named = _FOR.search(text[at + 1 : end])
            yield named.group(1).strip('"') if named else ""
            end = at
        elif at < 0:
            return


def _read(text: str) -> Address | None:
    """An address, with or without a port; None for anything else, `unknown` and hidden names for instance."""
    found = _NODE.fullmatch(text)
    try:
        address = ipaddress.ip_address(next(filter(None, found.groups()))) if found else None
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _invalid(what: str, step: str) -> Invalid:
    return Invalid("proxies-invalid", what, next_step=step)
