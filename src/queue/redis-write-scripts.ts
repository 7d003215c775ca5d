import { defineScript } from './redis-link.ts';
import { sharedLua } from './redis-run-lua.ts';

/** Writes a batch (`redis-batch.ts`), or says why not and writes nothing. */
export const writeScript = defineScript(`${sharedLua}
local fenced = {}
local over = {}
for _ = 1, taken() do
  local id, fence = take(), take()
  local status, holder, worker = unpack(redis.call('HMGET', t .. 'run:' .. id, 'status', 'fence', 'worker'))
  if not status then return { 'taken', id, 'gone', '' } end
  if holder ~= fence then return { 'taken', id, status, worker or '' } end
  fenced[id] = true
  over[id] = is_final(status)
end

local runs, known = {}, {}
for index = 1, taken() do
  local run = read_run()
  local status, state = unpack(redis.call('HMGET', t .. 'run:' .. run.id, 'status', 'state'))
  run.is_new = not status and not known[run.id]
  if run.is_new and run.submission == '' then return { 'missing', run.id } end
  if status and is_final(status) then
    if state ~= run.state then return { 'taken', run.id, status, '' } end
    run.is_done = true
  end
  known[run.id] = true
  runs[index] = run
end

local keys = {}
for index = 1, taken() do keys[index] = { take(), take(), take() } end

local function is_over(id)
  if over[id] == nil then
    local status = redis.call('HGET', t .. 'run:' .. id, 'status')
    over[id] = status and is_final(status)
  end
  return over[id]
end
local entries, stored, last = {}, {}, {}
for _ = 1, taken() do
  local id, number, kind, json = take(), taken(), take(), take()
  stored[id] = stored[id] or tonumber(redis.call('HGET', t .. 'run:' .. id, 'last') or 0)
  last[id] = last[id] or stored[id]
  local is_repeated = false
  if fenced[id] and number <= stored[id] then
    local there = redis.call('LINDEX', t .. 'log:' .. id, number - stored[id] - 1)
    is_repeated = not there or there == kind .. '\\n' .. json
  end
  if not is_repeated then
    if is_over(id) then return { 'taken', id, 'over', '' } end
    if number ~= last[id] + 1 then return { 'misplaced', id, number, last[id] } end
    last[id] = number
    entries[#entries + 1] = { id, kind, json }
  end
end

local function is_missing(id)
  return not known[id] and redis.call('EXISTS', t .. 'run:' .. id) == 0
end
for _, entry in ipairs(entries) do
  if is_missing(entry[1]) then return { 'missing', entry[1] } end
end
local outputs, callbacks = {}, {}
for _ = 1, taken() do
  local output = { take(), take(), take() }
  if is_missing(output[1]) then return { 'missing', output[1] } end
  if not is_over(output[1]) then outputs[#outputs + 1] = output end
end
for _ = 1, taken() do
  local callback = { take(), take(), take() }
  if is_missing(callback[1]) then return { 'missing', callback[1] } end
  if not (fenced[callback[1]] and over[callback[1]]) then callbacks[#callbacks + 1] = callback end
end
local most = take()

local changed = {}
for _, run in ipairs(runs) do
  if not run.is_done then
    if run.is_new then put_new(run) else put_state(run) end
    changed[run.id] = true
  end
end
for _, key in ipairs(keys) do put_key(unpack(key)) end
for _, entry in ipairs(entries) do
  put_entry(unpack(entry))
  changed[entry[1]] = true
end
for id, number in pairs(last) do
  redis.call('HSET', t .. 'run:' .. id, 'last', text(number))
  redis.call('LTRIM', t .. 'log:' .. id, '-' .. most, -1)
end
for _, output in ipairs(outputs) do redis.call('HSET', t .. 'outputs:' .. output[1], output[2], output[3]) end
for _, callback in ipairs(callbacks) do put_callback(unpack(callback)) end
for id in pairs(changed) do tell(id) end
return { 'written' }
`);

/** Accepts a run, or says why not and writes nothing. */
export const acceptScript = defineScript(`${sharedLua}
local run = read_run()
local entry = take()
local key, key_json, key_expires = take(), take(), take()
local max_queued, max_open, hold_ms = taken(), tonumber(take()), taken()
local on_conflict, wish = take(), take()
local slots, waiting = t .. 'slots:' .. run.key, t .. 'waiting:' .. run.key
local has_key = run.key ~= ''

if redis.call('EXISTS', t .. 'run:' .. run.id) == 1 then
  local is_waiting = has_key and redis.call('ZSCORE', waiting, run.id)
  return { 'accepted', is_waiting and 0 or 1, {} }
end
if key ~= '' then
  local expires = redis.call('ZSCORE', t .. 'key-expiry', key)
  if expires and tonumber(expires) > now() then return { 'replay', redis.call('HGET', t .. 'keys', key) } end
end
local of_owner = tonumber(redis.call('HGET', t .. 'open-of-owner', run.owner) or 0)
if max_open and of_owner >= max_open then return { 'quota', of_owner } end
local others = {}
if has_key then
  for _, id in ipairs(redis.call('SMEMBERS', slots)) do others[#others + 1] = id end
  for _, id in ipairs(redis.call('ZRANGE', waiting, 0, -1)) do others[#others + 1] = id end
  if on_conflict == 'reject' and #others >= tonumber(run.limit) then return { 'conflict', others } end
end
local queued = redis.call('ZCARD', t .. 'status:queued')
if queued >= max_queued then return { 'full', queued } end

put_new(run)
put_entry(run.id, 'run.queued', entry)
redis.call('HSET', t .. 'run:' .. run.id, 'last', '1')
if key ~= '' then put_key(key, key_json, key_expires) end
local has_turn = not has_key or redis.call('SCARD', slots) < tonumber(run.limit)
if not has_turn then redis.call('ZADD', waiting, -run.priority, run.id)
else
  redis.call('ZADD', t .. 'turns', now() + hold_ms, run.id)
  redis.call('ZADD', t .. 'ready', 0, run.id)
  if has_key then redis.call('SADD', slots, run.id) end
end
local displaced = {}
if on_conflict == 'cancel_running' then
  displaced = others
  for _, id in ipairs(others) do
    redis.call('HSETNX', t .. 'run:' .. id, 'stop', wish)
    tell(id)
  end
end
tell(run.id)
return { 'accepted', has_turn and 1 or 0, displaced }
`);

/**
 * Asks a run to stop. One that is queued and that nobody holds is ended by the state and the two
 * entries that are given; they have been made of the state \`before\`.
 */
export const stopScript = defineScript(`${sharedLua}
local id, before, wish = take(), take(), take()
local run = t .. 'run:' .. id
local status, state = unpack(redis.call('HMGET', run, 'status', 'state'))
if not status then return { 'unknown' } end
if is_final(status) then return { 'ended' } end
local lease = redis.call('ZSCORE', t .. 'leases', id)
local is_free = not lease or tonumber(lease) <= now()
if status == 'queued' and is_free then
  if state ~= before then return { 'again' } end
  local next = { id = id, status = take(), state = take(), ended = take() }
  for _ = 1, taken() do
    local number = take()
    put_entry(id, take(), take())
    redis.call('HSET', run, 'last', number)
  end
  redis.call('HINCRBY', run, 'fence', 1)
  put_state(next)
  local due = take()
  if due ~= '' then put_callback(id, 0, due) end
  tell(id)
  return { 'cancelled' }
end
if redis.call('HSETNX', run, 'stop', wish) == 1 then tell(id) end
return { 'stopping' }
`);
