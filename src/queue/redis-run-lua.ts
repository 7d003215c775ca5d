/**
 * What the scripts share. All keys begin with the prefix, which is a hash tag: they are in one slot
 * of a cluster. Texts (records, entries, outputs) are never read here, only numbers and states.
 *
 * | key | what |
 * |---|---|
 * | `run:<id>` | hash: the record in parts, who holds it, and what removing it needs |
 * | `log:<id>` | list: type and JSON of each entry; the last one has the number `last` of the run |
 * | `outputs:<id>` | hash: name to JSON |
 * | `runs`, `open`, `status:<status>`, `term:<term>` | ids of runs, in their order |
 * | `ended` | ids by when they ended |
 * | `versions` | save version and id |
 * | `keys`, `key-expiry` | idempotency keys: whose they are, and until when |
 * | `callbacks` | ids by when their callback is due |
 * | `open-of-owner` | hash: owner to number of open runs |
 * | `slots:<key>`, `waiting:<key>` | runs that have a place under a concurrency key; those that wait for one |
 * | `turns` | runs that are to be queued, by when they may be taken |
 * | `ready` | queued runs that have their turn and that nobody has claimed |
 * | `leases` | claimed runs, by when their lease is over |
 *
 * Everything is checked before anything is written: a script that fails halfway stays done halfway.
 */
export const sharedLua = String.raw`
local t = KEYS[1] .. ':'
local at = 0
local function take()
  at = at + 1
  return ARGV[at]
end
local function taken() return tonumber(take()) end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local open = { queued = true, running = true, cancelling = true }
local function is_final(status) return not open[status] end
local function text(number) return string.format('%.0f', number) end

local function read_run()
  local run = {}
  for _, name in ipairs({ 'id', 'version', 'status', 'created', 'ended', 'state', 'submission',
    'inputs', 'owner', 'key', 'limit', 'priority', 'terms' }) do
    run[name] = take()
  end
  return run
end

local function tell(id) redis.call('PUBLISH', t .. 'changed:' .. id, '') end

local function give_turn(id, due)
  redis.call('ZADD', t .. 'turns', due, id)
  redis.call('ZADD', t .. 'ready', 0, id)
  redis.call('PUBLISH', t .. 'turns', '')
end

local function give_slots(key)
  for _, id in ipairs(redis.call('ZRANGE', t .. 'waiting:' .. key, 0, 99)) do
    local limit = tonumber(redis.call('HGET', t .. 'run:' .. id, 'limit'))
    if redis.call('SCARD', t .. 'slots:' .. key) < limit then
      redis.call('SADD', t .. 'slots:' .. key, id)
      redis.call('ZREM', t .. 'waiting:' .. key, id)
      give_turn(id, now())
    end
  end
end

local function count_open(owner, by)
  if redis.call('HINCRBY', t .. 'open-of-owner', owner, by) <= 0 then
    redis.call('HDEL', t .. 'open-of-owner', owner)
  end
end

local function end_run(id, ended)
  local run = t .. 'run:' .. id
  redis.call('ZADD', t .. 'ended', ended, id)
  redis.call('ZREM', t .. 'open', id)
  redis.call('ZREM', t .. 'turns', id)
  redis.call('ZREM', t .. 'leases', id)
  redis.call('ZREM', t .. 'ready', id)
  local owner, key = unpack(redis.call('HMGET', run, 'owner', 'key'))
  count_open(owner, -1)
  redis.call('HDEL', run, 'worker', 'token')
  if key ~= '' then
    redis.call('SREM', t .. 'slots:' .. key, id)
    redis.call('ZREM', t .. 'waiting:' .. key, id)
    give_slots(key)
  end
end

local function put_state(run)
  local hash = t .. 'run:' .. run.id
  local before = redis.call('HGET', hash, 'status')
  redis.call('HSET', hash, 'status', run.status, 'state', run.state)
  if before ~= run.status then
    redis.call('ZREM', t .. 'status:' .. before, run.id)
    redis.call('ZADD', t .. 'status:' .. run.status, 0, run.id)
    if is_final(run.status) then end_run(run.id, run.ended) end
  end
end

local function put_new(run)
  redis.call('HSET', t .. 'run:' .. run.id, 'status', run.status, 'state', run.state,
    'submission', run.submission, 'inputs', run.inputs, 'created', run.created, 'version',
    run.version, 'owner', run.owner, 'key', run.key, 'limit', run.limit, 'terms', run.terms)
  redis.call('ZADD', t .. 'runs', 0, run.id)
  redis.call('ZADD', t .. 'open', 0, run.id)
  redis.call('ZADD', t .. 'status:' .. run.status, 0, run.id)
  redis.call('ZADD', t .. 'versions', 0, run.version .. ' ' .. run.id)
  for term in string.gmatch(run.terms, '[^\n]+') do
    redis.call('ZADD', t .. 'term:' .. term, 0, run.id)
  end
  count_open(run.owner, 1)
  if is_final(run.status) then end_run(run.id, run.ended) end
end

local function put_key(key, json, expires)
  redis.call('HSET', t .. 'keys', key, json)
  redis.call('ZADD', t .. 'key-expiry', expires, key)
end

local function put_entry(id, kind, json) redis.call('RPUSH', t .. 'log:' .. id, kind .. '\n' .. json) end

local function put_callback(id, attempts, due)
  if due == '' then redis.call('ZREM', t .. 'callbacks', id)
  else
    redis.call('ZADD', t .. 'callbacks', due, id)
    redis.call('HSET', t .. 'run:' .. id, 'attempts', attempts)
  end
end
`;
