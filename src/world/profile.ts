import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { Profile } from './publish.ts';

/** The person's names as git knows them in a folder, else as the system does. */
export async function profileIn(folder: string): Promise<Profile> {
  const [gitName, gitEmail] = await Promise.all([
    gitSetting(folder, 'user.name'),
    gitSetting(folder, 'user.email'),
  ]);
  const displayName = gitName || userInfo().username;
  return { displayName, gitName: gitName || displayName, gitEmail, color: '' };
}

async function gitSetting(folder: string, name: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['-C', folder, 'config', '--get', name]);
    return stdout.trim();
  } catch (error) {
    // Not set, or no git.
    if (error instanceof Error) return '';
    throw error;
  }
}
