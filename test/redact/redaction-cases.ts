/** Lines of a log, and what is shown of them. */
export const lineCases: readonly (readonly [string, string])[] = [
  ['Loading data from companies (CSVDataset)...', 'Loading data from companies (CSVDataset)...'],
  [
    'no answer from https://u:p@host/a?x=1&y=2',
    'no answer from https://<redacted>@host/a?x=<redacted>&y=<redacted>',
  ],
  ['password=hunter2', 'password=<redacted>'],
  ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=<redacted> psql'],
  ['db_password: hunter2, user: me', 'db_password: <redacted>, user: me'],
  ["{'user': 'me', 'password': 'hunter2'}", "{'user': 'me', 'password': '<redacted>'}"],
  ['{"api_key":"hunter2","n":1}', '{"api_key":"<redacted>","n":1}'],
  ['{\\"secret\\": \\"hunter2\\"}', '{\\"secret\\": \\"<redacted>\\"}'],
  ['{"token":12345678}', '{"token":<redacted>'],
  ["{'pwd': b'hunter2'}", "{'pwd': b'<redacted>'}"],
  ['{"password": "a\\"b c"}', '{"password": "<redacted>"}'],
  ["password='never closed", "password='<redacted>"],
  ['Config(token=hunter2)', 'Config(token=<redacted>'],
  ["os.environ['SECRET'] = 'hunter2'", "os.environ['SECRET'] = '<redacted>'"],
  ['AccountName=me;AccountKey=abc/+=;Suffix=x', 'AccountName=me;AccountKey=<redacted>;Suffix=x'],
  ['connection_string="Server=x;Pwd=y"', 'connection_string="<redacted>"'],
  ['token=None, password: null', 'token=None, password: null'],
  ['max_tokens=100 tokens: 5 token', 'max_tokens=100 tokens: 5 token'],
  ['secret_access_key: hunter2', 'secret_access_key: <redacted>'],
  ['Authorization: Bearer abc', 'Authorization: <redacted>'],
  ['"Authorization": "Basic dTpw"', '"Authorization": "<redacted>"'],
  ['sent Bearer abcdefgh12345', 'sent Bearer <redacted>'],
  ['bearer authentication is off', 'bearer authentication is off'],
  ['basic information', 'basic information'],
  ['Cookie: session=abc', 'Cookie: <redacted>'],
  ['key AKIAABCDEFGHIJKLMNOP used', 'key <redacted> used'],
  ['ghp_abcdefghijklmnopqrstuvwxyz0123456789', '<redacted>'],
  ['kds_0123456789abcdef0123456789abcdef', '<redacted>'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', '<redacted>'],
  ['a risk-adjusted-return-of-the-portfolio', 'a risk-adjusted-return-of-the-portfolio'],
  ['monkey: banana, keyboard: x, compass: north', 'monkey: banana, keyboard: x, compass: north'],
  [
    '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- and on',
    '-----BEGIN PRIVATE KEY-----<redacted>-----END PRIVATE KEY----- and on',
  ],
  ['-----BEGIN CERTIFICATE-----', '-----BEGIN CERTIFICATE-----'],
];

export interface ValueCase {
  readonly name: string;
  readonly credentials?: unknown;
  readonly params?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  /** Lines, and what is shown of them. */
  readonly texts: Readonly<Record<string, string>>;
}

export const valueCases: readonly ValueCase[] = [
  {
    name: 'leaves of credentials at any depth',
    credentials: {
      a: { user: 'charlotte', list: ['x', { deep: 'batterystaple' }] },
      pin: 19283746,
    },
    texts: {
      'charlotte said batterystaple': '<redacted> said <redacted>',
      'xbatterystaplex and 19283746': 'x<redacted>x and <redacted>',
    },
  },
  {
    name: 'parameters under secret names, at any depth',
    params: {
      a: [{ api_token: { x: 'charlotte' } }],
      max_tokens: 1_000_000,
      name: 'batterystaple',
    },
    texts: { 'charlotte 1000000 batterystaple': '<redacted> 1000000 batterystaple' },
  },
  {
    name: 'short values are none',
    credentials: { a: 'admin', b: true, c: 5432, d: 'true', e: '' },
    texts: { 'admin at 5432, true': 'admin at 5432, true' },
  },
  {
    name: 'escaped, encoded and in Base64',
    credentials: { a: `pa"ss'w\\o/rd é` },
    texts: {
      [JSON.stringify(`pa"ss'w\\o/rd é`)]: '"<redacted>"',
      [String.raw`"pa\"ss'w\\o/rd \u00e9"`]: '"<redacted>"',
      [String.raw`'pa"ss\'w\\o/rd é'`]: "'<redacted>'",
      'x=pa%22ss%27w%5Co%2Frd%20%C3%A9': 'x=<redacted>',
      "x=pa%22ss'w%5Co%2Frd%20%C3%A9": 'x=<redacted>',
      'x=pa%22ss%27w%5Co/rd%20%C3%A9': 'x=<redacted>',
      'x=pa%22ss%27w%5Co%2Frd+%C3%A9': 'x=<redacted>',
      [`Basic ${btoa('me:batterystaple')}`]: 'Basic <redacted>',
    },
  },
  {
    name: 'Base64 wherever it begins',
    credentials: ['batterystaple'],
    texts: {
      'YmF0dGVyeXN0YXBsZQ==': '<redacted>Q==',
      'eGJhdHRlcnlzdGFwbGU=': 'eG<redacted>U=',
      eHhiYXR0ZXJ5c3RhcGxl: 'eHh<redacted>',
    },
  },
  {
    name: 'the password of a URL, alone',
    credentials: { con: 'postgresql://me:s3cr%2Fet@host/db' },
    texts: { "refused 's3cr/et' and s3cr%2Fet": "refused '<redacted>' and <redacted>" },
  },
  {
    name: 'each line of a long value',
    credentials: { key: '-----BEGIN X-----\nfirstline\nsecondline\n-----END X-----' },
    texts: { secondline: '<redacted>', '-----BEGIN X-----': '-----BEGIN X-----' },
  },
  {
    name: 'one that looks like a part of a query, beside a URL',
    credentials: ['variable&robin=2 of many'],
    texts: {
      'https://host/ variable&robin=2 of many': 'https://host/ <redacted>',
      'https://u:p@host/?a=b variable&robin=2 of many':
        'https://<redacted>@host/?a=<redacted> <redacted>',
    },
  },
  {
    name: 'the longest first',
    credentials: ['battery', 'batterystaple'],
    texts: { 'batterystaple battery': '<redacted> <redacted>' },
  },
  {
    name: 'variables with secret names, and passwords in the URLs of others',
    environment: {
      MY_API_KEY: 'charlotte',
      TOKEN_FILE: '/run/token-file',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/run/token-file',
      GOOGLE_APPLICATION_CREDENTIALS: '/etc/google.json',
      DATABASE_URL: 'postgres://me:batterystaple@host',
      SENTRY_DSN: 'https://0123456789@sentry.example',
      HOME: '/home/charles',
    },
    texts: {
      'charlotte /run/token-file': '<redacted> /run/token-file',
      'batterystaple 0123456789': '<redacted> <redacted>',
      '/etc/google.json /home/charles': '/etc/google.json /home/charles',
    },
  },
];
