import { bundleModule } from './host-life.ts';

/** Publishes the ledger as a new database and returns the token of its owner. */
export async function publishLedger(uri: string, database: string): Promise<string> {
  const { token } = (await expectJson(
    await fetch(new URL('v1/identity', uri), { method: 'POST' }),
  )) as { token: string };
  await expectOk(
    await fetch(new URL(`v1/database/${database}?host_type=Js`, uri), {
      method: 'PUT',
      headers: { Authorization: `Bearer ${token}` },
      body: Buffer.from(await bundleModule('test/harness/ledger-module.ts')),
    }),
  );
  return token;
}

async function expectJson(response: Response): Promise<unknown> {
  await expectOk(response.clone());
  return response.json();
}

async function expectOk(response: Response): Promise<void> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}
