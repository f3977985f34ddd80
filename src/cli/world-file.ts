import type { FileHead } from '../world/world-rows.ts';
import type { WorldView } from '../world/world-view.ts';
import { UsageError } from './exit-code.ts';

/** A file by its path in the world; deleted ones are found, too, where none lives there. */
export function findFile(view: WorldView, path: string): FileHead {
  const living = view.fileAt(path);
  if (living) return living;
  const gone = [...view.files.values()].filter((file) => file.path === path);
  const latest = gone.sort((a, b) => b.updatedAtMs - a.updatedAtMs)[0];
  if (latest) return latest;
  throw new UsageError(`The world has no file ${path}`);
}
