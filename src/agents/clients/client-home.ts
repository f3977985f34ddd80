/** Owns: where a client keeps what it knows of a user. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AgentClient } from './client-entry.ts';

/** Absolute; of files below the user's home the first that is there, else the last. */
export function clientFile(
  { moved }: Pick<AgentClient, 'moved'>,
  files: readonly string[],
  home: string,
  environment: NodeJS.ProcessEnv,
): string {
  const chosen = moved && environment[moved.variable];
  const paths = files.map((file) =>
    chosen && file.startsWith(`${moved.folder}/`)
      ? path.join(path.resolve(chosen), file.slice(moved.folder.length + 1))
      : path.join(home, file),
  );
  return paths.find((file) => existsSync(file)) ?? paths.at(-1)!;
}
