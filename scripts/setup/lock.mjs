import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheDirectory } from './paths.mjs';
import { errorCode } from './error-code.mjs';
import { say } from './progress.mjs';

const POLL_MS = 200;
const HEARTBEAT_MS = 2_000;
/** A process id may belong to someone else after a restart, so an owner must also show that it lives. */
const SILENCE_OF_THE_DEAD_MS = 30_000;

/**
 * Runs `work` while no other process of this user runs anything under the same lock name.
 * A lock whose owner has died is taken over.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  const file = path.join(cacheDirectory(), 'locks', `${name}.lock`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await acquire(file, name);
  const heartbeat = setInterval(() => fs.utimesSync(file, new Date(), new Date()), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    fs.rmSync(file, { force: true });
  }
}

async function acquire(/** @type {string} */ file, /** @type {string} */ name) {
  let announced = false;
  while (!tryCreate(file)) {
    const owner = readOwner(file);
    if (owner !== undefined && isDead(owner)) {
      breakLock(file, owner);
      continue;
    }
    if (!announced) say(`Waiting for process ${owner?.pid ?? '?'} to finish with "${name}" …`);
    announced = true;
    await delay(POLL_MS);
  }
}

/** Linking a finished file creates the lock with its owner inside, in one step. */
function tryCreate(/** @type {string} */ file) {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, String(process.pid));
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** @typedef {{ pid: number, seenAtMs: number }} Owner */

/** @returns {Owner | undefined} */
function readOwner(/** @type {string} */ file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    return { pid, seenAtMs: fs.statSync(file).mtimeMs };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moving the file first makes sure that only one of several waiting processes removes the dead lock. */
function breakLock(/** @type {string} */ file, /** @type {Owner} */ dead) {
  const grave = `${file}.dead-${process.pid}`;
  try {
    fs.renameSync(file, grave);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readOwner(grave)?.pid === dead.pid) fs.rmSync(grave);
  else fs.renameSync(grave, file);
}

function isDead(/** @type {Owner} */ owner) {
  if (Date.now() - owner.seenAtMs > SILENCE_OF_THE_DEAD_MS) return true;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}
