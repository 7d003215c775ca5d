import type { RedisLink } from './redis-link.ts';

/** Finds ways in which a Redis, as it is set up, could lose runs. */
export async function findRisks(link: RedisLink): Promise<readonly string[]> {
  const info = await link.call((client) => client.info());
  const valueOf = (name: string): string | null =>
    new RegExp(`^${name}:(.*?)\r?$`, 'mu').exec(info)?.[1] ?? null;
  const risks: string[] = [];
  if (valueOf('aof_enabled') === '0') {
    risks.push(
      `${link.place} keeps no append-only file: when it is restarted, runs are lost. Set 'appendonly yes'.`,
    );
  }
  const policy = valueOf('maxmemory_policy');
  if (policy !== null && policy !== 'noeviction') {
    risks.push(
      `${link.place} throws keys away when its memory is full (maxmemory-policy ${policy}), and runs with them. Set 'maxmemory-policy noeviction'.`,
    );
  }
  return risks;
}
