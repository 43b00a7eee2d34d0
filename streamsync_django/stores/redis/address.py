"""What REDIS_URL may say: one server, or the sentinels that know which server is the primary.

    redis://[user:password@]host[:port][/database][?option=…]             rediss:// with TLS, unix:// for a socket
    redis+sentinel://[user:password@]host[:port][,host[:port]…]/service[/database][?option=…]     rediss+sentinel://

User, password and options are those of the servers, as redis-py takes them; `sentinel_username` and
`sentinel_password` are those of the sentinels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from redis.connection import parse_url

SENTINEL_PORT: Final = 26379
_SCHEMES: Final = ("redis://", "rediss://", "unix://")
_SENTINEL_SCHEMES: Final = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
_ENCRYPTED: Final = "rediss"


@dataclass(frozen=True, slots=True)
class Address:
    """Where Redis is, taken apart."""

    url: str = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    """What a connection to the primary takes, its host and port aside when sentinels know those."""
    sentinels: tuple[tuple[str, int], ...] = ()
    service: str = ""
    """The name the sentinels know the primary by."""
    sentinel_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    is_encrypted: bool = False


def parse(url: str) -> Address:
    """Take an address apart; raises ValueError with a sentence that says what is wrong."""
    scheme, separator, rest = url.partition("://")
    if not separator or (scheme not in _SENTINEL_SCHEMES and not url.startswith(_SCHEMES)):
        known = ", ".join([*_SCHEMES, *(f"{name}://" for name in _SENTINEL_SCHEMES)])
        raise ValueError(f"it begins with none of {known}")
    if scheme in _SENTINEL_SCHEMES:
        return _parse_sentinels(url, _SENTINEL_SCHEMES[scheme], rest)
    options = _parse_url(url)
    if scheme != "unix" and "db" not in options and urlsplit(url).path.strip("/"):
        raise ValueError(f"the database is a number, not {urlsplit(url).path.strip('/')!r}")
    return Address(url, options, is_encrypted=scheme == _ENCRYPTED)


def channel_layer_host(url: str) -> dict[str, Any]:
    """Return the same Redis as one of the `hosts` of channels_redis, whose waiting reads no timeout may end.

    Settings call it, so a wrong address is passed on as it is: a system check explains it later.
    """
    try:
        address = parse(url)
    except ValueError:
        address = None
    if address is None or not address.sentinels:
        return {"address": url, "socket_timeout": None}
    options = {name: value for name, value in address.options.items() if name != "connection_class"}
    return {
        **options,
        **({"ssl": True} if address.is_encrypted else {}),
        "sentinels": list(address.sentinels),
        "master_name": address.service,
        "sentinel_kwargs": dict(address.sentinel_options),
        "socket_timeout": None,
    }


def _parse_sentinels(url: str, scheme: str, rest: str) -> Address:
    # By hand: the standard library takes one host, and no list with an IPv6 address in it.
    place, question, query = rest.partition("?")
    authority, _, path = place.partition("/")
    login, at, hosts = authority.rpartition("@")
    service, _, database = path.partition("/")
    if not service:
        raise ValueError("it does not say what the sentinels call the primary: …/mymaster")
    if database and not database.isdecimal():
        raise ValueError(f"the database is a number, not {database!r}")
    options = _parse_url(f"{scheme}://{login}{at}_/{database}{question}{query}")
    del options["host"]
    own = {
        name: options.pop(f"sentinel_{name}")
        for name in ("username", "password")
        if f"sentinel_{name}" in options
    }
    shared = {name: value for name, value in options.items() if name.startswith("ssl_")}
    if scheme == _ENCRYPTED:
        shared["ssl"] = True
    return Address(
        url,
        options,
        sentinels=tuple(_host(host) for host in hosts.split(",")),
        service=unquote(service),
        sentinel_options={**shared, **own},
        is_encrypted=scheme == _ENCRYPTED,
    )


def _parse_url(url: str) -> dict[str, Any]:
    try:
        _ = urlsplit(url).port
    except ValueError:  # its message would quote what may be half of a password
        raise ValueError(
            "its port is not a number; in a password, / is written %2F, @ %40 and # %23"
        ) from None
    return dict(parse_url(url))  # type: ignore[no-untyped-call]


def _host(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):  # the colons of an IPv6 address
        host, port = text, str(SENTINEL_PORT)
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is no host:port of a sentinel")
    return host.strip("[]"), int(port)
