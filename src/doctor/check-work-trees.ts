import { existsSync } from 'node:fs';
import { readStandingWork } from '../git/standing-work.ts';
import { standingWords } from '../git/standing-words.ts';
import { rememberedDirectories } from '../mirror/directory-mirror.ts';
import type { DoctorSite } from './doctor-site.ts';
import { findingsOf, type Finding } from './finding.ts';

/** What git left unfinished in the folders of worlds, and in mirrors' directories. */
export async function checkWorkTrees({ machine, worlds }: DoctorSite): Promise<readonly Finding[]> {
  const { warn } = findingsOf('git');
  const mirrored = await rememberedDirectories(machine.home);
  const folders = new Set([...worlds.map(({ folder }) => folder), ...mirrored]);
  const findings: Finding[] = [];
  for (const folder of folders) {
    if (folder === '' || !existsSync(folder)) continue;
    const work = await readStandingWork(folder, machine.clock.nowMs());
    if (work === undefined) continue;
    const more = mirrored.includes(folder)
      ? ` Which files differ from the world: agent-world mirror ${folder} --status.`
      : '';
    findings.push(warn(`In ${folder}: ${standingWords(work).join(' ')}${more}`));
  }
  return findings;
}
