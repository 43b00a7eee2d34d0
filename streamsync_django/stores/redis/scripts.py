"""Every script this package runs inside Redis: each is one atomic step.

The first write of a script that adds bytes is one Redis refuses when memory is full, so that it is refused as a
whole. Scripts that must work even then begin with a write that adds none (PEXPIRE); Redis lets what follows pass.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script and the digest Redis knows it by."""

    name: str
    source: str
    sha: str


def _script(name: str, source: str) -> Script:
    source = f"-- streamsync: {name}\n{_SHARED}{source}"
    return Script(name, source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())


_SHARED: Final = """
local function milliseconds()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end

-- Call a command with ARGV[at .. at + count - 1], in portions Lua's stack can hold; return where to read on.
local function with_arguments(command, key, at, count)
  while count > 0 do
    local portion = math.min(count, 1000)
    redis.call(command, key, unpack(ARGV, at, at + portion - 1))
    at, count = at + portion, count - portion
  end
  return at
end

-- Start a session's life afresh; true when what it shares with others (base, blobs, index) is due for renewal.
local function renew(ttl, due)
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end
  local now = milliseconds()
  if now < tonumber(due) then return false end
  redis.call('HSET', KEYS[1], 'renew', string.format('%.0f', now + ttl / 4))
  return true
end
"""

#: ARGV: owner, ttl ms, then the pairs of meta. Returns 1, or 0 when the id is in use.
CREATE: Final = _script(
    "create",
    """
local known = redis.call('HMGET', KEYS[1], 'epoch', 'version', 'owner')
if known[1] then
  if known[1] == '1' and known[2] == '0' and known[3] == ARGV[1] then return 1 end
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('DEL', unpack(KEYS, 2))
redis.call('HSET', KEYS[1], 'renew', string.format('%.0f', milliseconds() + ARGV[2] / 4))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""",
)

#: ARGV: owner, "1" to spare running handlers. Returns ok due meta elements mail | held owner epoch | gone.
CLAIM: Final = _script(
    "claim",
    """
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'running', 'ttl', 'renew')
if not meta[1] then return {'gone'} end
if ARGV[2] == '1' and meta[3] ~= '' and meta[2] ~= ARGV[1] then return {'held', meta[2], meta[1]} end
local due = renew(meta[4], meta[5])
redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', meta[1] + 1), 'owner', ARGV[1])
return {'ok', due and 1 or 0, redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2]),
        redis.call('ZRANGE', KEYS[3], 0, -1)}
""",
)

#: Returns meta elements mail, of one moment; meta is empty when the session is gone.
READ: Final = _script(
    "read",
    """
return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2]), redis.call('ZRANGE', KEYS[3], 0, -1)}
""",
)

#: ARGV: epoch, expected version, commit id, ttl ms, mail read, head of a value at the new version, then how many
#: arguments follow for set and appended elements, mail, forgotten elements and meta, then those. Meta comes last:
#: should a key be broken, the commit fails again when repeated, and is never taken for done.
#: Returns the new version | due | epoch e v | version e v | gone.
COMMIT: Final = _script(
    "commit",
    """
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'version', 'commit', 'renew')
if not meta[1] then return {'gone'} end
if meta[3] == ARGV[3] then return tonumber(meta[2]) end
if meta[1] ~= ARGV[1] then return {'epoch', meta[1], meta[2]} end
if meta[2] ~= ARGV[2] then return {'version', meta[1], meta[2]} end
local at = with_arguments('HSET', KEYS[2], 12, tonumber(ARGV[7]))
for _ = 1, ARGV[8] / 2 do
  local known = redis.call('HGET', KEYS[2], ARGV[at])
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[6] .. (known and string.sub(known, 10) or '') .. ARGV[at + 1])
  at = at + 2
end
at = with_arguments('ZADD', KEYS[3], at, tonumber(ARGV[9]))
at = with_arguments('HDEL', KEYS[2], at, tonumber(ARGV[10]))
if ARGV[5] ~= '0' then redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[5]) end
with_arguments('HSET', KEYS[1], at, tonumber(ARGV[11]))
if renew(ARGV[4], meta[4]) then return {'due'} end
return meta[2] + 1
""",
)

#: ARGV: owner, epoch, version, ttl ms, how many arguments for meta, elements and mail, then those.
#: Returns 1, or 0 when the store knows the session newer.
RESTORE: Final = _script(
    "restore",
    """
local known = redis.call('HMGET', KEYS[1], 'epoch', 'version', 'owner')
if known[1] then
  if known[1] == ARGV[2] and known[2] == ARGV[3] then return known[3] == ARGV[1] and 1 or 0 end
  local epoch, mine = tonumber(known[1]), tonumber(ARGV[2])
  if epoch > mine or (epoch == mine and tonumber(known[2]) > tonumber(ARGV[3])) then return 0 end
end
local at = with_arguments('HSET', KEYS[1], 8, tonumber(ARGV[5]))
redis.call('DEL', KEYS[2], KEYS[3])
at = with_arguments('HSET', KEYS[2], at, tonumber(ARGV[6]))
with_arguments('ZADD', KEYS[3], at, tonumber(ARGV[7]))
renew(ARGV[4], 0)
return 1
""",
)

#: ARGV: ttl ms. Returns 0 when the session is gone, 1, or 2 when its shared things are due for renewal.
TOUCH: Final = _script(
    "touch",
    """
local due = redis.call('HGET', KEYS[1], 'renew')
if not due then return 0 end
due = renew(ARGV[1], due)
redis.call('HSET', KEYS[1], 'ttl', ARGV[1])
return due and 2 or 1
""",
)

#: Returns the application and the blobs held, or nothing.
END: Final = _script(
    "end",
    """
local application = redis.call('HGET', KEYS[1], 'application')
if not application then return {} end
local blobs = redis.call('SMEMBERS', KEYS[4])
redis.call('DEL', unpack(KEYS))
return {application, blobs}
""",
)

#: ARGV: how many messages, then those. Returns the owner, or nil.
POST: Final = _script(
    "post",
    """
local owner = redis.call('HGET', KEYS[1], 'owner')
if not owner then return nil end
with_arguments('RPUSH', KEYS[5], 2, tonumber(ARGV[1]))
redis.call('PEXPIRE', KEYS[5], math.max(1, redis.call('PTTL', KEYS[1])))
return owner
""",
)

#: Returns the messages taken out.
DRAIN: Final = _script(
    "drain",
    """
local messages = redis.call('LRANGE', KEYS[5], 0, -1)
redis.call('DEL', KEYS[5])
return messages
""",
)

#: KEYS: content, holders. ARGV: holder, ms from now, the content if it is at hand. Returns 0 when it is needed.
HOLD: Final = _script(
    "hold",
    """
if redis.call('PEXPIRE', KEYS[1], ARGV[2]) == 0 then
  if not ARGV[3] then return 0 end
  redis.call('SET', KEYS[1], ARGV[3])
end
local now = milliseconds()
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[1], last)
redis.call('PEXPIREAT', KEYS[2], last)
return 1
""",
)

#: KEYS: content, holders. ARGV: holder, ms of grace.
RELEASE: Final = _script(
    "release",
    """
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return 0 end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[2], 'XX', 'LT', string.format('%.0f', milliseconds() + ARGV[2]), ARGV[1])
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2]
redis.call('PEXPIREAT', KEYS[1], last)
redis.call('PEXPIREAT', KEYS[2], last)
return 1
""",
)

#: KEYS: index, the application's index. ARGV: session id, ms from now.
ENLIST: Final = _script(
    "enlist",
    """
local now = milliseconds()
for _, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  redis.call('ZADD', key, string.format('%.0f', now + ARGV[2]), ARGV[1])
  redis.call('PEXPIREAT', key, redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2])
end
""",
)

#: KEYS: last number, kept pushes. ARGV: push, how many to keep, ttl ms. Returns its number.
#: The first number is the time in microseconds, so that numbers go up even after everything was lost.
ADD_PUSH: Final = _script(
    "add push",
    """
local now = redis.call('TIME')
local number = tonumber(redis.call('GET', KEYS[1]) or now[1] * 1000000 + now[2]) + 1
redis.call('RPUSH', KEYS[2], ARGV[1])
redis.call('LTRIM', KEYS[2], -ARGV[2], -1)
redis.call('SET', KEYS[1], string.format('%.0f', number), 'PX', ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return number
""",
)

#: KEYS: last number, kept pushes. ARGV: the number known. Returns the last number, then the pushes after the known.
PUSHES_SINCE: Final = _script(
    "pushes since",
    """
local last = tonumber(redis.call('GET', KEYS[1]) or '0')
local missing = last - ARGV[1]
if missing <= 0 then return {last} end
local kept = redis.call('LRANGE', KEYS[2], string.format('%.0f', -missing), -1)
table.insert(kept, 1, last)
return kept
""",
)

#: KEYS: state, elements. ARGV: expected life ("*" for any) and version, a name for a new life, ttl ms, then paths
#: and values without their version. Returns life and version, or nothing when others are current.
WRITE_SHARED: Final = _script(
    "write shared",
    """
local state = redis.call('HMGET', KEYS[1], 'life', 'version')
local life, version = state[1] or '', tonumber(state[2] or '0')
if ARGV[1] ~= '*' and (ARGV[1] ~= life or tonumber(ARGV[2]) ~= version) then return {} end
if life == '' then
  life = ARGV[3]
  redis.call('DEL', KEYS[2])
end
version = version + 1
redis.call('HSET', KEYS[1], 'life', life, 'version', string.format('%.0f', version))
for at = 5, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[at], struct.pack('>I8', version) .. ARGV[at + 1])
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[4]) end
return {life, version}
""",
)

#: KEYS: state, elements. ARGV: known life and version, ttl ms. Returns life, version, then changed paths and values.
READ_SHARED: Final = _script(
    "read shared",
    """
local state = redis.call('HMGET', KEYS[1], 'life', 'version')
local life, version = state[1] or '', tonumber(state[2] or '0')
local answer = {life, version}
if redis.call('PTTL', KEYS[1]) < ARGV[3] / 2 then
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[3]) end
end
local known = life == ARGV[1] and tonumber(ARGV[2]) or 0
if known == version then return answer end
local elements = redis.call('HGETALL', KEYS[2])
for at = 1, #elements, 2 do
  if struct.unpack('>I8', elements[at + 1]) > known then
    answer[#answer + 1] = elements[at]
    answer[#answer + 1] = elements[at + 1]
  end
end
return answer
""",
)
