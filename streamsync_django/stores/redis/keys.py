"""Every key this package writes to Redis. All but `generation` expire by themselves.

    {<prefix>:<session id>}:meta       hash    epoch version commit owner application visitor base layout info
                                               created ttl low above running forgotten renew
    {<prefix>:<session id>}:elements   hash    msgpack path -> 8-byte version [+ 0x01 + stored bytes]
    {<prefix>:<session id>}:mail       zset    8-byte version + 4-byte number + payload, by version
    {<prefix>:<session id>}:blobs      set     digests of the blobs the session holds
    {<prefix>:<session id>}:inbox      list    messages from other instances to the owner
    {<prefix>:base:<digest>}           string  an initial state
    {<prefix>:base:<digest>}:blobs     set     digests of the blobs it holds
    {<prefix>:blob:<digest>}           string  2-byte length of mime + mime + bytes
    {<prefix>:blob:<digest>}:holders   zset    session id, or "base:" and a digest, by the end of its hold in ms
    {<prefix>:index}                   zset    session ids by expiry in ms: a hint for lists, renewed now and then
    {<prefix>:index}:<application>     zset    the same for one application
    {<prefix>:pushes:<application>}:last      string  the number of the newest push
    {<prefix>:pushes:<application>}:kept      list    the last pushes, oldest first
    {<prefix>:shared:<application>}:state     hash    life, version
    {<prefix>:shared:<application>}:elements  hash    as a session's elements
    <prefix>:beat:<owner>              string  an instance lives
    <prefix>:used:<name>               string  what serves once, has served
    <prefix>:generation                string  the store was never lost since this was written

What stands in braces is the hash tag: the keys of one script always share it.
"""

from __future__ import annotations

from typing import NamedTuple


class SessionKeys(NamedTuple):
    """The keys of one session, in the order the scripts expect."""

    meta: str
    elements: str
    mail: str
    blobs: str
    inbox: str


class BlobKeys(NamedTuple):
    """The keys of one blob, in the order the scripts expect."""

    content: str
    holders: str


class BaseKeys(NamedTuple):
    """The keys of one initial state."""

    content: str
    blobs: str


class PushKeys(NamedTuple):
    """The keys of one application's pushes, in the order the scripts expect."""

    last: str
    kept: str


class SharedKeys(NamedTuple):
    """The keys of what one application's sessions share, in the order the scripts expect."""

    state: str
    elements: str


class Keys:
    """Names keys under one prefix, so that several sites can share a Redis."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.index = f"{{{prefix}:index}}"
        self.generation = f"{prefix}:generation"

    def session(self, session_id: str) -> SessionKeys:
        tag = f"{{{self._prefix}:{session_id}}}"
        return SessionKeys(f"{tag}:meta", f"{tag}:elements", f"{tag}:mail", f"{tag}:blobs", f"{tag}:inbox")

    def blob(self, digest: str) -> BlobKeys:
        tag = f"{{{self._prefix}:blob:{digest}}}"
        return BlobKeys(tag, f"{tag}:holders")

    def base(self, digest: str) -> BaseKeys:
        tag = f"{{{self._prefix}:base:{digest}}}"
        return BaseKeys(tag, f"{tag}:blobs")

    def application_index(self, application: str) -> str:
        return f"{self.index}:{application}"

    def used(self, name: str) -> str:
        return f"{self._prefix}:used:{name}"

    def beat(self, owner: str) -> str:
        return f"{self._prefix}:beat:{owner}"

    def pushes(self, application: str) -> PushKeys:
        tag = f"{{{self._prefix}:pushes:{application}}}"
        return PushKeys(f"{tag}:last", f"{tag}:kept")

    def shared(self, application: str) -> SharedKeys:
        tag = f"{{{self._prefix}:shared:{application}}}"
        return SharedKeys(f"{tag}:state", f"{tag}:elements")
