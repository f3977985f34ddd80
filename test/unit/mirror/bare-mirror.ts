import assert from 'node:assert/strict';
import type { FolderMirrorParts } from '../../../src/mirror/folder-mirror-parts.ts';
import { silentLog } from '../../../src/world/log.ts';

/** What a mirror has beside its disk, world and log where nothing is on another machine, typed or left out. */
export const BARE_MIRROR = {
  isLocal: () => false,
  wasTyped: () => Promise.resolve(false),
  isGathering: () => false,
  searchStrangers: () => undefined,
  onOutside: (file, { code }) => assert.fail(`${file} was not taken: ${code}`),
  report: () => undefined,
  output: silentLog,
} satisfies Partial<FolderMirrorParts>;

/** Timers that fire when the test says so. */
export function firedFrom(timers: Set<() => void>): FolderMirrorParts['after'] {
  return (_delayMs, fire) => {
    timers.add(fire);
    return () => void timers.delete(fire);
  };
}
