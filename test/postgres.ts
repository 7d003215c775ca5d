import { Client } from 'pg';

/** A database that tests may make schemas in. */
export const postgresUrl =
  process.env['TEST_POSTGRES_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/test';

/** A connection to it, for who ends it. */
export async function connectPostgres(): Promise<Client> {
  const client = new Client({ connectionString: postgresUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  return client;
}
