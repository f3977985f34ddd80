import path from 'node:path';
import { defaultHomePath } from '../host/home.ts';

const OPTION = '--home';

/** `AGENT_WORLD_HOME` as arguments name it, before any command takes them apart. */
export function homeIn(args: readonly string[]): string {
  const at = args.findIndex((arg) => arg === OPTION || arg.startsWith(`${OPTION}=`));
  const named = args[at] === OPTION ? args[at + 1] : args[at]?.slice(OPTION.length + 1);
  return named ? path.resolve(named) : defaultHomePath();
}
