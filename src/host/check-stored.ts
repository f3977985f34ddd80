import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { loadSqlite } from './sqlite-runtime.ts';
import { tryLock } from './process-lock.ts';
import { homeAt } from './home.ts';
import { DATABASE_FILE, DATABASES, storedNames } from './stored-databases.ts';

/** What is wrong with the file of a database, by the database's name; null where nothing was found. */
export type StoredFaults = ReadonlyMap<string, string | null>;

/**
 * Looks into the files of a home's databases while no host has them open, and keeps hosts from starting
 * for so long. Undefined where one runs, or where this runtime cannot look. Files that are too large to
 * be read within a moment are opened only.
 */
export async function checkStored(home: string): Promise<StoredFaults | undefined> {
  const lock = tryLock(homeAt(home).hostLock);
  if (lock.kind !== 'held') return undefined;
  try {
    const names = await storedNames(home);
    let room = MOST_BYTES;
    const faults = new Map<string, string | null>();
    for (const [name, entry] of names) {
      const file = path.join(home, DATABASES, entry, DATABASE_FILE);
      const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      faults.set(
        name,
        withoutTrace(file, () => faultOf(file, bytes <= room)),
      );
      room -= Math.min(room, bytes);
    }
    return faults;
  } finally {
    lock.release();
  }
}

/** Of all files together: about two seconds. */
const MOST_BYTES = 512 * 1024 * 1024;

/** To read a database SQLite makes files beside it, which nobody needs while the lock is ours. */
function withoutTrace<Result>(file: string, look: () => Result): Result {
  const made = [`${file}-shm`, `${file}-wal`].filter((beside) => !existsSync(beside));
  try {
    return look();
  } finally {
    for (const beside of made) rmSync(beside, { force: true });
  }
}

function faultOf(file: string, isReadWhole: boolean): string | null {
  const sqlite = loadSqlite();
  if (sqlite === undefined) return null;
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return 'its file is gone';
  let database: InstanceType<typeof sqlite.DatabaseSync> | undefined;
  try {
    database = new sqlite.DatabaseSync(file, { readOnly: true });
    const source = database.prepare("SELECT 1 FROM meta WHERE key = 'source'").get();
    if (source === undefined) return 'its file holds no database';
    if (!isReadWhole) return null;
    const [answer] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
    return answer === 'ok' ? null : `its file is damaged (${String(answer)})`;
  } catch (error) {
    return `its file is damaged (${error instanceof Error ? error.message : String(error)})`;
  } finally {
    database?.close();
  }
}
