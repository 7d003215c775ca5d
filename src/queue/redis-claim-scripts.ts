import { defineScript } from './redis-link.ts';
import { sharedLua } from './redis-run-lua.ts';

export const claimScript = defineScript(`${sharedLua}
local id, worker, token, lease_ms = take(), take(), take(), taken()
local run = t .. 'run:' .. id
local status, held_by, held_with, fence, key =
  unpack(redis.call('HMGET', run, 'status', 'worker', 'token', 'fence', 'key'))
if not status then return { 'unknown' } end
local function parts() return unpack(redis.call('HMGET', run, 'state', 'submission', 'inputs', 'stop')) end
if is_final(status) then return { 'ended', parts() } end
if key ~= '' and redis.call('ZSCORE', t .. 'waiting:' .. key, id) then return { 'waiting' } end
local lease = tonumber(redis.call('ZSCORE', t .. 'leases', id) or 0)
local at_ms = now()
if lease > at_ms and held_with ~= token then return { 'held', held_by, text(lease - at_ms) } end
if held_with ~= token then
  fence = redis.call('HINCRBY', run, 'fence', 1)
  redis.call('HSET', run, 'worker', worker, 'token', token)
end
redis.call('ZADD', t .. 'leases', at_ms + lease_ms, id)
redis.call('ZREM', t .. 'turns', id)
redis.call('ZREM', t .. 'ready', id)
return { 'claimed', tostring(fence), parts() }
`);

export const renewScript = defineScript(`${sharedLua}
local id, fence, lease_ms = take(), take(), taken()
local status, holder, worker, stop = unpack(redis.call('HMGET', t .. 'run:' .. id, 'status', 'fence', 'worker', 'stop'))
if not status then return { 'taken', id, 'gone', '' } end
if holder ~= fence or is_final(status) then return { 'taken', id, status, worker or '' } end
redis.call('ZADD', t .. 'leases', now() + lease_ms, id)
return { 'renewed', stop }
`);

export const releaseScript = defineScript(`${sharedLua}
local id, fence = take(), take()
local run = t .. 'run:' .. id
local status, holder = unpack(redis.call('HMGET', run, 'status', 'fence'))
if holder == fence and not is_final(status) then
  redis.call('ZREM', t .. 'leases', id)
  redis.call('HDEL', run, 'worker', 'token')
  if status == 'queued' then redis.call('ZADD', t .. 'ready', 0, id) end
end
return 1
`);

/** Takes ids of runs that are to be queued. */
export const takeTurnsScript = defineScript(`${sharedLua}
local limit, hold_ms = take(), taken()
local at_ms = now()
local ids = redis.call('ZRANGEBYSCORE', t .. 'turns', '-inf', at_ms, 'LIMIT', 0, limit)
for _, id in ipairs(ids) do redis.call('ZADD', t .. 'turns', at_ms + hold_ms, id) end
return ids
`);

export const abandonedScript = defineScript(`${sharedLua}
local limit = take()
local at_ms = now()
local found = {}
local leases = redis.call('ZRANGEBYSCORE', t .. 'leases', '-inf', at_ms, 'WITHSCORES', 'LIMIT', 0, limit)
for index = 1, #leases, 2 do
  found[#found + 1] = { leases[index], redis.call('HGET', t .. 'run:' .. leases[index], 'worker') or '',
    text(at_ms - leases[index + 1]) }
end
return found
`);

export const takeCallbacksScript = defineScript(`${sharedLua}
local limit, hold_ms = take(), taken()
local at_ms = now()
local found = {}
local due = redis.call('ZRANGEBYSCORE', t .. 'callbacks', '-inf', at_ms, 'WITHSCORES', 'LIMIT', 0, limit)
for index = 1, #due, 2 do
  local id = due[index]
  redis.call('ZADD', t .. 'callbacks', at_ms + hold_ms, id)
  found[#found + 1] = { id, redis.call('HGET', t .. 'run:' .. id, 'attempts'), due[index + 1] }
end
return found
`);

/** Milliseconds since 1970: the time, or one more than what it gave last. */
export const nextVersionScript = defineScript(`${sharedLua}
local last = tonumber(redis.call('GET', t .. 'last-version') or 0)
local next = text(math.max(now(), last + 1))
redis.call('SET', t .. 'last-version', next)
return next
`);
