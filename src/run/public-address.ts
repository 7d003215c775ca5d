/** Networks of IPv4 that are no place on the internet; IANA's special-purpose registry. */
const closedNetworks: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/**
 * Whether an address, as `URL` or a resolver writes it, is one of the public internet: not of this
 * machine, a private network, a link, a group, or what leads there by another way of writing.
 */
export function isPublicAddress(address: string): boolean {
  const v4 = readV4(address);
  if (v4 !== null) return isPublicV4(v4);
  const groups = readV6(address);
  return groups !== null && isPublicV6(groups);
}

/** Whether a host is an address, rather than a name. */
export function isAddress(host: string): boolean {
  return readV4(host) !== null || readV6(host) !== null;
}

function readV4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(text);
  if (match === null) return null;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return null;
  return bytes.reduce((all, byte) => all * 256 + byte, 0);
}

function isPublicV4(address: number): boolean {
  return !closedNetworks.some(([network, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(address / size) === Math.floor((readV4(network) ?? 0) / size);
  });
}

/** An IPv4 address at the end of an IPv6 one is its last two groups. */
function withoutV4(text: string): string {
  const start = text.lastIndexOf(':') + 1;
  const end = text.slice(start);
  if (!end.includes('.')) return text;
  const v4 = readV4(end);
  const groups = v4 === null ? 'x' : `${high(v4).toString(16)}:${low(v4).toString(16)}`;
  return `${text.slice(0, start)}${groups}`;
}

/** The eight groups of an IPv6 address. */
function readV6(text: string): readonly number[] | null {
  const [plain = ''] = text.split('%', 1);
  if (!plain.includes(':')) return null;
  const hex = withoutV4(plain);
  const [head = '', tail, ...more] = hex.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - before.length - after.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return null;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!groups.every((group) => /^[\da-f]{1,4}$/iu.test(group))) return null;
  return groups.map((group) => Number.parseInt(group, 16));
}

function isPublicV6(groups: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  // IPv4 in IPv6: mapped, NAT64 and 6to4.
  if (a + b + c + d + e === 0 && f === 0xffff) return isPublicV4(join(g, h));
  if (a === 0x64 && b === 0xff9b && c + d + e + f === 0) return isPublicV4(join(g, h));
  if (a === 0x2002) return isPublicV4(join(b, c));
  const isGlobalUnicast = a >= 0x2000 && a <= 0x3fff;
  const isProtocolAssignment = a === 0x2001 && b < 0x200;
  const isDocumentation = (a === 0x2001 && b === 0xdb8) || (a === 0x3fff && b < 0x1000);
  return isGlobalUnicast && !isProtocolAssignment && !isDocumentation;
}

function join(upper: number, lower: number): number {
  return upper * 0x1_0000 + lower;
}

function high(v4: number): number {
  return Math.floor(v4 / 0x1_0000);
}

function low(v4: number): number {
  return v4 % 0x1_0000;
}
