import path from 'node:path';

/** Where restores and moves keep what they are making. */
export function restoresFolder(home: string): string {
  return path.join(home, 'restores');
}
