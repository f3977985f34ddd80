import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findLiveHost } from '../../src/host/discovery.ts';
import { openHome } from '../../src/host/home.ts';
import { systemClock } from '../../src/world/clock.ts';
import { newIdentity, type StoredIdentity } from '../../src/world/identities.ts';
import { createInvite } from '../../src/world/invite.ts';
import { joinWorld } from '../../src/world/join.ts';
import { silentLog } from '../../src/world/log.ts';
import { configureWorld, publishModule } from '../../src/world/publish.ts';
import { readHeadSeq } from '../../src/world/read-head.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { openWorld, type WorldSession } from '../../src/world/world-session.ts';
export { prepareAgentWorldFold, prepareAgentWorldRowFold } from './agent-world-fold.ts';
import { AgentWorldWriter } from './agent-world-writer.ts';
import { fillUp, openTickets } from './crowd.ts';
import { meanRowBytes } from './op-row-bytes.ts';
import type { Flooder, RunningServer, ServerOptions, Subject } from './subject.ts';

/** Two members' clients of the embedded host, each with a bound document. */
export const agentWorld: Subject = {
  startServer: (options) => startWorld(options),
  openWriter({ connection, path, writerIndex }) {
    const { uri, database, members } = JSON.parse(connection) as WorldConnection;
    const session = enter(uri, database, members[writerIndex]);
    return AgentWorldWriter.open(session, path, writerIndex);
  },
};

/** The same, but the world has 50 members, and 200 open tickets in the file that is typed in. */
export const crowdedAgentWorld: Subject = {
  ...agentWorld,
  async startServer(options) {
    const server = await startWorld(options);
    const { uri, members } = JSON.parse(server.connection) as WorldConnection;
    const [owner, second] = members.map((self) => enter(uri, database, self));
    if (!owner || !second) throw new Error('there are two writers');
    await Promise.all([owner.whenOnline(), second.whenOnline()]);
    await fillUp(members.length, (name) => inviteMember(uri, owner, name));
    await openTickets(owner, second);
    owner.close();
    second.close();
    return server;
  },
};

/** What the writers are told. The identities are of this run and end with it. */
interface WorldConnection {
  readonly uri: string;
  readonly database: string;
  readonly members: readonly [StoredIdentity, StoredIdentity];
}

const database = 'bench';

async function startWorld(options: ServerOptions): Promise<RunningServer> {
  const host = await startHost(options);
  const { uri } = host;
  const owner = await newIdentity(uri);
  const bundle = new Uint8Array(await readFile(built('module.js')));
  await publishModule({ uri, token: owner.token, database, bundle });
  const session = enter(uri, database, owner);
  await session.whenOnline();
  await configureWorld(
    session,
    {
      name: 'Benchmark',
      policyMode: 'auto',
      lockPolicy: 'enforce',
      baseCommit: undefined,
      owner: profileOf('First writer'),
    },
    systemRandomBytes,
  );
  await importFiles(session, options.files);
  const members: WorldConnection['members'] = [
    owner,
    await inviteMember(uri, session, 'Second writer'),
  ];
  // The writers' own connections are the only ones while they type.
  session.close();
  return {
    connection: JSON.stringify({ uri, database, members } satisfies WorldConnection),
    processId: host.processId,
    async rowBytesPerKeystroke() {
      const reader = enter(uri, database, owner);
      const link = await reader.whenOnline();
      const bytes = await meanRowBytes(link, await readHeadSeq(link));
      reader.close();
      return bytes;
    },
    flooder: (round) => inviteFlooder(uri, owner, round),
    close: () => host.close(),
  };
}

async function inviteFlooder(uri: string, owner: StoredIdentity, round: number): Promise<Flooder> {
  const session = enter(uri, database, owner);
  await session.whenOnline();
  const self = await inviteMember(uri, session, `Flooder ${round}`);
  const path = `flood-${self.identity.slice(0, 16)}.txt`;
  await importFiles(session, { [path]: '\n' });
  const head = session.view.fileAt(path);
  session.close();
  if (!head) throw new Error(`the world has no ${path}`);
  return { uri, database, token: self.token, fileId: head.fileId };
}

/** The host as it ships, in a process and with a home of its own. */
async function startHost({ dataFolder, execArgv }: ServerOptions) {
  const root = join(dataFolder, 'home');
  await mkdir(root);
  const argv = [...execArgv, built('host.cjs'), '--home', root, '--version', '0.0.1'];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  const home = await openHome(root);
  let live = await findLiveHost(home);
  while (live === undefined) {
    if (child.exitCode !== null) throw new Error(`the host ended with code ${child.exitCode}`);
    await delay(20);
    live = await findLiveHost(home);
  }
  return {
    uri: live.record.uri,
    processId: live.record.pid,
    async close() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function importFiles(session: WorldSession, texts: ServerOptions['files']): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    const opId = newUuid(Date.now(), systemRandomBytes);
    const content = { kind: 'text', eol: 'lf', bom: false, text, bytes: new Uint8Array() };
    const files = [{ opId, path, mode: 'regular', content }];
    const answer = await session.deliver(
      'import_files',
      { batchId: newUuid(Date.now(), systemRandomBytes), author: '', files },
      [opId],
    );
    if (answer.tag !== 'judged') throw new Error(`the world did not take ${path}`);
  }
}

async function inviteMember(
  uri: string,
  owner: WorldSession,
  name: string,
): Promise<StoredIdentity> {
  const self = await newIdentity(uri);
  const { secret } = await createInvite(
    owner,
    uri,
    {
      kind: 'human',
      role: 'editor',
      capabilities: ['edit', 'lock', 'resolve'],
      pathScope: [],
      uses: 1,
      expiresAtMs: Date.now() + 60_000,
    },
    systemRandomBytes,
  );
  await joinWorld({ uri, database, secret, self, profile: profileOf(name) });
  return self;
}

function enter(uri: string, name: string, self: StoredIdentity): WorldSession {
  const random = Math.random;
  return openWorld({ uri, database: name, self, clock: systemClock, random, log: silentLog });
}

function profileOf(displayName: string) {
  return { displayName, gitName: displayName, gitEmail: '', color: '' };
}

function built(file: string): string {
  return fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));
}
