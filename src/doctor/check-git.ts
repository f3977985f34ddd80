import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import { profileIn } from '../world/profile.ts';
import { OLDEST_GIT } from '../git/repository.ts';
import type { DoctorSite } from './doctor-site.ts';
import { findingsOf, type Finding } from './finding.ts';

/** Whether git is there for exports, and what it calls this person. */
export async function checkGit({ signal }: DoctorSite): Promise<readonly Finding[]> {
  const { ok, warn } = findingsOf('git');
  const oldest = OLDEST_GIT.join('.');
  const version = await gitVersion(signal);
  if (version === undefined) {
    return [warn(`git is not there; worlds go without it, exports need version ${oldest}.`)];
  }
  const [major, minor] = version.split('.').map(Number) as [number, number];
  const isOld = major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1]);
  if (isOld) return [warn(`git is of version ${version}; exports need ${oldest} or newer.`)];
  const { displayName, gitEmail } = await profileIn(homedir());
  if (gitEmail === '') {
    return [
      warn(`git ${version} knows no name and address of yours; others see you as ${displayName}.`),
    ];
  }
  return [ok(`git ${version} is there and calls you ${displayName}.`)];
}

async function gitVersion(signal: AbortSignal): Promise<string | undefined> {
  try {
    const asked = promisify(execFile)('git', ['version'], { signal, timeout: ANSWER_MS });
    return /(\d+\.\d+[\d.]*)/.exec((await asked).stdout)?.[1];
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

const ANSWER_MS = 5_000;
