import { defineScript } from './redis-link.ts';
import { sharedLua } from './redis-run-lua.ts';

/**
 * Finds runs, newest first, in the index (or one for each state) in which the fewest are to be
 * looked at. Gives the parts of their records, and where to go on: it ends when there are as many as
 * are wanted, or when it has looked at so many that others should have their turn.
 */
export const listScript = defineScript(`${sharedLua}
local before, since, until_ms, limit, most_looked = take(), take(), take(), taken(), taken()
local clock_step_ms = 60000
local terms, statuses, wanted = {}, {}, {}
for index = 1, taken() do terms[index] = take() end
local has_statuses = take() == '1'
for index = 1, taken() do
  statuses[index] = take()
  wanted[statuses[index]] = true
end

local runs = t .. 'runs'
local function first_at(ms)
  local low, high = 0, redis.call('ZCARD', runs)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local id = redis.call('ZRANGE', runs, middle, middle)[1]
    if tonumber(redis.call('HGET', t .. 'run:' .. id, 'created')) >= ms then high = middle else low = middle + 1 end
  end
  return redis.call('ZRANGE', runs, low, low)[1]
end
local first, last = '-', '+'
if before ~= '' then last = '(' .. before end
if since ~= '' then
  local id = first_at(since - clock_step_ms)
  if not id then return { {}, '' } end
  first = '[' .. id
end
if until_ms ~= '' then
  local id = first_at(until_ms + clock_step_ms)
  if id and (before == '' or id < before) then last = '(' .. id end
end

local sources, covered, fewest = { runs }, '', nil
for _, term in ipairs(terms) do
  local count = redis.call('ZLEXCOUNT', t .. 'term:' .. term, first, last)
  if not fewest or count < fewest then sources, covered, fewest = { t .. 'term:' .. term }, term, count end
end
if has_statuses then
  local count, keys = 0, {}
  for index, status in ipairs(statuses) do
    keys[index] = t .. 'status:' .. status
    count = count + redis.call('ZLEXCOUNT', keys[index], first, last)
  end
  if not fewest or count < fewest then sources, covered = keys, '' end
end

local heads = {}
local function fill(head)
  head.ids = redis.call('ZREVRANGEBYLEX', head.key, head.last, first, 'LIMIT', 0, 64)
  head.at = 1
  if #head.ids > 0 then head.last = '(' .. head.ids[#head.ids] end
end
for index, key in ipairs(sources) do
  heads[index] = { key = key, last = last }
  fill(heads[index])
end
local function next_id()
  local best
  for _, head in ipairs(heads) do
    if head.at > #head.ids and #head.ids == 64 then fill(head) end
    local id = head.ids[head.at]
    if id and (not best or id > best.ids[best.at]) then best = head end
  end
  if not best then return nil end
  best.at = best.at + 1
  return best.ids[best.at - 1]
end
local function has_terms(id)
  for _, term in ipairs(terms) do
    if term ~= covered and not redis.call('ZSCORE', t .. 'term:' .. term, id) then return false end
  end
  return true
end

local found, id = {}, nil
for _ = 1, most_looked do
  if #found >= limit then break end
  id = next_id()
  if not id then return { found, '' } end
  if has_terms(id) then
    local status, created, state, submission =
      unpack(redis.call('HMGET', t .. 'run:' .. id, 'status', 'created', 'state', 'submission'))
    created = tonumber(created)
    if (not has_statuses or wanted[status]) and (since == '' or created >= tonumber(since))
      and (until_ms == '' or created < tonumber(until_ms)) then
      found[#found + 1] = { state, submission }
    end
  end
end
return { found, id or '' }
`);

/** Entries from a number on, and the number to go on from; 0: there are no more. */
export const entriesScript = defineScript(`${sharedLua}
local id, from, wanted, limit = take(), taken(), take(), taken()
local log = t .. 'log:' .. id
local last = tonumber(redis.call('HGET', t .. 'run:' .. id, 'last') or 0)
local dropped = last - redis.call('LLEN', log)
local found = {}
from = math.max(from, dropped + 1)
for _ = 1, 25 do
  local first = from - dropped - 1
  for _, entry in ipairs(redis.call('LRANGE', log, first, first + 199)) do
    from = from + 1
    local kind, json = string.match(entry, '^([^\\n]*)\\n(.*)$')
    if wanted == '' or kind == wanted then
      found[#found + 1] = json
      if #found >= limit then return { found, from } end
    end
  end
  if from > last then return { found, 0 } end
end
return { found, from }
`);

/** Removes some of the runs that are not to be kept; gives their number. */
export const pruneScript = defineScript(`${sharedLua}
local ended_before, most_ended, most = take(), take(), taken()
local too_many = 0
if most_ended ~= '' then too_many = redis.call('ZCARD', t .. 'ended') - tonumber(most_ended) end
local removed = 0
local runs = redis.call('ZRANGE', t .. 'ended', 0, most - 1, 'WITHSCORES')
for index = 1, #runs, 2 do
  local id, ended = runs[index], tonumber(runs[index + 1])
  if removed >= too_many and (ended_before == '' or ended >= tonumber(ended_before)) then break end
  local run = t .. 'run:' .. id
  local status, version, terms = unpack(redis.call('HMGET', run, 'status', 'version', 'terms'))
  for term in string.gmatch(terms, '[^\\n]+') do redis.call('ZREM', t .. 'term:' .. term, id) end
  redis.call('ZREM', t .. 'versions', version .. ' ' .. id)
  for _, key in ipairs({ 'ended', 'runs', 'callbacks', 'status:' .. status }) do redis.call('ZREM', t .. key, id) end
  redis.call('UNLINK', run, t .. 'log:' .. id, t .. 'outputs:' .. id)
  removed = removed + 1
end
return removed
`);

/** Forgets some of the keys that have expired; gives their number. */
export const pruneKeysScript = defineScript(`${sharedLua}
local keys = redis.call('ZRANGEBYSCORE', t .. 'key-expiry', '-inf', take(), 'LIMIT', 0, take())
for _, key in ipairs(keys) do
  redis.call('HDEL', t .. 'keys', key)
  redis.call('ZREM', t .. 'key-expiry', key)
end
return #keys
`);
