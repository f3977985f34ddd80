// Two people and three agents at once, with all that goes wrong in a simulation, and what git has of it.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { EXPORT_MODES, type ExportMode } from '../../src/core/git-point.ts';
import { exportWorld } from '../../src/git/export-world.ts';
import { Repository } from '../../src/git/repository.ts';
import { verifyCommit } from '../../src/git/verify-commit.ts';
import { historyOfArchive } from '../../src/world/world-history.ts';
import type { WorldHistory } from '../../src/world/world-history.ts';
import { archiveOf } from '../harness/archive-of.ts';
import { GitLab } from '../harness/git-lab.ts';
import { historyOf } from '../harness/history-of.ts';
import { temporaryFolder } from '../unit/world/temporary-folder.ts';
import { ModuleAuthority } from './module-authority.ts';
import { moduleAuthority, scenarioOf, simulate } from './simulation.ts';

const SEEDS = process.env['AGENT_WORLD_SOAK'] === '1' ? 60 : 3;

/** The project's own test: what it prints is the text, to the last character. */
const TESTS = 'test -f file.txt && cat file.txt';

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`seed ${seed}: each way out leads to the text that everybody has, and is proved`, async (t) => {
    const scenario = { ...scenarioOf(seed), typists: 2, agents: 3 };
    await simulate(scenario, async (...args) => {
      const authority = await moduleAuthority(...args);
      assert.ok(authority instanceof ModuleAuthority);
      const close = authority.close.bind(authority);
      authority.close = async () => {
        try {
          await assertExports(t, authority);
        } finally {
          await close();
        }
      };
      return authority;
    });
  });
}

async function assertExports(t: TestContext, authority: ModuleAuthority): Promise<void> {
  const place = await temporaryFolder(t);
  const archive = path.join(place, 'backup.world');
  await writeFile(archive, archiveOf(authority));
  const text = authority.textAt(authority.history.length + 1).toString();
  for (const mode of EXPORT_MODES) {
    const folder = path.join(place, mode);
    const commits = await exported(historyOf(authority), folder, mode);
    assert.deepEqual(await exported(historyOfArchive(archive), `${folder}-2`, mode), commits);
    const lab = new GitLab(folder);
    lab.git('checkout', '-q', commits.at(-1)!);
    assert.equal(lab.bytes('-c', `alias.tested=!${TESTS}`, 'tested').toString('utf8'), text, mode);
    lab.fsck();
    const question = {
      history: historyOfArchive(archive),
      repository: await Repository.open(folder),
    };
    for (const rev of commits) {
      assert.equal((await verifyCommit({ ...question, rev })).tag, 'verified', `${mode} ${rev}`);
    }
    await rm(folder, { recursive: true });
  }
}

/** The commits, the oldest first, in a repository that had none. */
async function exported(
  history: WorldHistory,
  folder: string,
  mode: ExportMode,
): Promise<readonly string[]> {
  const lab = await GitLab.init(folder);
  const choice = { mode, branch: 'world/simulated', message: '' };
  const repository = await Repository.open(folder);
  const record = (): Promise<void> => Promise.resolve();
  // Nobody is told, so that the same is exported again in another way.
  await exportWorld({ history, repository, choice, record });
  return lab.git('rev-list', '--reverse', 'world/simulated').split('\n');
}
