import path from 'node:path';
import type { TestContext } from 'node:test';
import type { ExportPoint } from '../../src/core/git-point.ts';
import { canonicalJson } from '../../src/core/op-payload.ts';
import { exportWorld, type ExportChoice, type ExportQuestion } from '../../src/git/export-world.ts';
import { Repository } from '../../src/git/repository.ts';
import { TestWorld } from '../unit/module/test-world.ts';
import { temporaryFolder } from '../unit/world/temporary-folder.ts';
import { GitLab } from './git-lab.ts';
import { historyOf } from './history-of.ts';

const CHOICE: ExportChoice = { mode: 'one', branch: 'world/test', message: '' };

export interface Scene {
  readonly world: TestWorld;
  readonly lab: GitLab;
  readonly base: string;
}

/** A repository with two commits, and its world. */
export async function scene(t: TestContext, ...init: readonly string[]): Promise<Scene> {
  const lab = await GitLab.init(path.join(await temporaryFolder(t), 'repository'), ...init);
  await lab.write({ 'a.txt': 'one\ntwo\nthree\n', 'src/b.txt': 'bee\n' });
  lab.commitAll('first');
  await lab.link('link', 'a.txt');
  const base = lab.commitAll('second');
  const world = await TestWorld.create();
  for (const name of ['a.txt', 'src/b.txt']) {
    world.createFile(world.owner, name, String(await lab.read(name)));
  }
  mark(world, { kind: 'base', folder: '', autoLineEnds: 'false', commit: base });
  return { world, lab, base };
}

export function mark(world: TestWorld, point: object): void {
  const upTo = world.rows('file_op').length;
  world.mustCall(world.owner, 'mark_git_point', {
    opId: world.nextId(),
    point: canonicalJson({ upTo, ...point }),
    text: '',
  });
}

export async function exported(
  world: TestWorld,
  lab: GitLab,
  choice: Partial<ExportChoice> = {},
  history = historyOf(world),
  more: Pick<ExportQuestion, 'namesReviewers' | 'unreviewed'> = {},
) {
  return exportWorld({
    history,
    repository: await Repository.open(lab.folder),
    choice: { ...CHOICE, ...choice },
    isBranchNamed: choice.branch !== undefined,
    ...more,
    // oxlint-disable-next-line typescript/require-await
    record: async (point: ExportPoint) => mark(world, point),
  });
}
