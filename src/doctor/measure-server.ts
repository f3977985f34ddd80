import { randomBytes } from 'node:crypto';
import { EngineProbe, PROBE_PREFIX, type ProbeSite } from '../contract/engine-probe.ts';
import { note } from '../contract/note-rows.ts';
import { createFile, editFile, type FileChanger } from '../world/change-file.ts';
import { systemClock } from '../world/clock.ts';
import { openFile } from '../world/file-feed.ts';
import { silentLog } from '../world/log.ts';
import { configureWorld, publishModule } from '../world/publish.ts';
import { askServer } from '../world/server-request.ts';
import { systemRandomBytes } from '../world/uuid.ts';
import { openWorld, type WorldSession } from '../world/world-session.ts';

/** How long something takes, of so many times. */
export interface Measured {
  readonly what: string;
  readonly times: number;
  readonly medianMs: number;
  /** 95 of 100 take no longer. */
  readonly slowMs: number;
}

/** Calls one after the other, each answered before the next. */
export async function measureCalls(site: ProbeSite): Promise<Measured> {
  const probe = new EngineProbe(site);
  try {
    const client = await probe.connect(await probe.newDatabase(), site.owner.token);
    return await measure('a call', async (index) => {
      const startedMs = performance.now();
      await client.connection.reducers.addNote(note(`n${index}`, 'inbox', index));
      return performance.now() - startedMs;
    });
  } finally {
    await probe.finish();
  }
}

/** Keys that one client of a world types, each until another client has it. */
export async function measureKeys(
  site: ProbeSite,
  bundle: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<Measured> {
  const { uri, owner } = site;
  const database = `${PROBE_PREFIX}${randomBytes(8).toString('hex')}`;
  const sessions: WorldSession[] = [];
  const enter = async (): Promise<WorldSession> => {
    const ports = { clock: systemClock, random: Math.random, log: silentLog };
    const session = openWorld({ uri, database, self: owner, ...ports });
    sessions.push(session);
    await session.whenOnline(signal);
    return session;
  };
  try {
    await publishModule({ uri, token: owner.token, database, bundle, signal });
    const session = await enter();
    await configureWorld(session, SETTINGS, systemRandomBytes);
    const changer = { session, randomBytes: systemRandomBytes, author: '', signal };
    const [made] = await createFile(changer, 'probe.txt', { content: EMPTY, mode: 'regular' });
    return await measureTyping(changer, await enter(), made?.opSeq ?? 0);
  } finally {
    for (const session of sessions) session.close();
    const path = `v1/database/${database}`;
    await askServer({ uri, path, method: 'DELETE', token: owner.token, timeoutMs: REMOVAL_MS });
  }
}

async function measureTyping(
  writer: FileChanger,
  reader: WorldSession,
  fileId: number,
): Promise<Measured> {
  const { feed, version } = await openFile(reader, fileId);
  let heard = (): void => {};
  const stop = feed.onEvent((event) => void (event.tag === 'committed' && heard()));
  try {
    await feed.whenConnected();
    return await measure('a key to another client', async (index) => {
      const there = new Promise<void>((resolve) => (heard = resolve));

      const changes = [
        { startLine: 0, startCharacter: index, endLine: 0, endCharacter: index, text: 'k' },
      ];
      const startedMs = performance.now();
      const [answer] = await Promise.all([
        editFile(writer, { fileId, version: version + index, changes }),
        there.then(() => performance.now()),
      ]).then(([, thereMs]) => [thereMs - startedMs]);
      return answer!;
    });
  } finally {
    stop();
    feed.close();
  }
}

async function measure(what: string, once: (index: number) => Promise<number>): Promise<Measured> {
  const tookMs: number[] = [];
  for (let index = 0; index < WARM_UP + TIMES; index++) {
    const ms = await once(index);
    if (index >= WARM_UP) tookMs.push(ms);
  }
  tookMs.sort((left, right) => left - right);
  const at = (share: number): number => tookMs[Math.floor(TIMES * share)]!;
  return { what, times: TIMES, medianMs: at(0.5), slowMs: at(0.95) };
}

const WARM_UP = 20;
const TIMES = 200;
const REMOVAL_MS = 10_000;
const EMPTY = { kind: 'text', text: '', eol: 'lf', bom: false } as const;
const SETTINGS = {
  name: 'Probe',
  policyMode: 'auto',
  lockPolicy: 'enforce',
  baseCommit: undefined,
  owner: { displayName: 'Doctor', gitName: 'Doctor', gitEmail: '', color: '' },
} as const;
