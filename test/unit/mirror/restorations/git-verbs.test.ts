import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import prettier from 'prettier';
import { openFolderGit } from '../../../../src/git/folder-state.ts';
import { silentLog } from '../../../../src/world/log.ts';
import { GitLab } from '../../../harness/git-lab.ts';
import { temporaryFolder } from '../../world/temporary-folder.ts';
import { BOT, picture, ToldPast } from './told-past.ts';

const OLDEST = lines('const first = 0;');
const HEAD = lines('const first = 1;');
const BY_ADA = HEAD.replace('const fourth = 4;', 'const fourth = 44;\nconst half = 4.5;');
/** The clone's owner has a change of their own, which git does not know of. */
const NOW = BY_ADA.replace('const seventh = 7;', 'const seventh = 77;');
const BRANCH = HEAD.replace('const fourth = 4;', "const quatre = 'other branch';");
/** What is drawn here is what each of the tools puts back of Ada's. */
const ADAS = '«const fourth = 44;\nconst half = 4.5;\n→const fourth = 4;\n»';

function lines(first: string): string {
  const names = ['second', 'third', 'fourth', 'fifth', 'sixth', 'seventh'];
  const rest = names.map((name, index) => `const ${name} = ${index + 2};`);
  return [first, ...rest, ''].join('\n');
}

interface Verb {
  readonly run: (lab: GitLab) => unknown;
  /** What was put back, drawn into the text that was there; none for an edit. */
  readonly is?: string;
}

const VERBS: Readonly<Record<string, Verb>> = {
  'git checkout of the file': {
    run: (lab) => lab.git('checkout', '--', 'a.ts'),
    is: HEAD.replace('const fourth = 4;\n', ADAS),
  },
  'git reset --hard': {
    run: (lab) => lab.git('reset', '-q', '--hard'),
    is: HEAD.replace('const fourth = 4;\n', ADAS),
  },
  'git stash': {
    run: (lab) => lab.git('stash', '-q'),
    is: HEAD.replace('const fourth = 4;\n', ADAS),
  },
  'git restore of an older commit': {
    run: (lab) => lab.git('restore', '--source', 'HEAD~1', 'a.ts'),
    is: OLDEST.replace('const fourth = 4;\n', ADAS),
  },
  'git checkout -p of one hunk': {
    run(lab) {
      const [cwd, input] = [lab.folder, 's\ny\nn\n'];
      execFileSync('git', ['checkout', '-p'], { cwd, input, stdio: 'pipe' });
    },
    is: NOW.replace('const fourth = 44;\nconst half = 4.5;\n', ADAS),
  },
  'git checkout of another branch': {
    run: (lab) => lab.git('checkout', '-q', '-f', 'other'),
    is: HEAD.replace(
      'const fourth = 4;\n',
      ADAS.replace('const fourth = 4;', "const quatre = 'other branch';"),
    ),
  },
  'git revert of what Ada did': {
    run(lab) {
      lab.git('commit', '-qam', 'all of it');
      lab.git('revert', '--no-edit', 'HEAD');
    },
    is: HEAD.replace('const fourth = 4;\n', ADAS),
  },
  'git cherry-pick of new text': {
    run(lab) {
      lab.git('commit', '-qam', 'all of it');
      lab.git('cherry-pick', 'theirs');
    },
  },
  'git merge of new text': {
    run(lab) {
      lab.git('commit', '-qam', 'all of it');
      lab.git('merge', '-q', '--no-edit', 'theirs');
    },
  },
  'git checkout and a merge of new text in one command': {
    run(lab) {
      lab.git('checkout', '--', 'a.ts');
      lab.git('merge', '-q', '--no-edit', 'theirs');
    },
    is: HEAD.replace('const second = 2;', 'const second = two();').replace(
      'const fourth = 4;\n',
      ADAS,
    ),
  },
  'git rebase onto new text': {
    run(lab) {
      lab.git('commit', '-qam', 'all of it');
      lab.git('rebase', '-q', 'theirs');
    },
  },
  prettier: {
    async run(lab) {
      const text = String(await lab.read('a.ts'));
      const written = await prettier.format(text, { parser: 'typescript', semi: false });
      await lab.write({ 'a.ts': written });
    },
  },
  'search and replace': {
    async run(lab) {
      const text = String(await lab.read('a.ts'));
      await lab.write({ 'a.ts': text.replaceAll('const ', 'let ') });
    },
  },
  'a deletion that is committed at once': {
    async run(lab) {
      await lab.write({ 'a.ts': NOW.replace('const half = 4.5;\n', '') });
      lab.git('commit', '-qam', 'half is not needed');
    },
  },
  'a tool that writes the file as it read it some versions ago': {
    run: (lab) => lab.write({ 'a.ts': HEAD.replace('const sixth = 6;', 'const sixth = six();') }),
    is: HEAD.replace('const fourth = 4;\n', ADAS).replace(
      'const sixth = 6;',
      'const sixth = six();',
    ),
  },
};

for (const [name, { run, is }] of Object.entries(VERBS)) {
  test(`${is === undefined ? 'an edit' : 'a restoration'}: ${name}`, async (context) => {
    const { lab, told } = await openClone(context);
    await run(lab);
    const found = await told.writes(String(await lab.read('a.ts')), { byGit: true });
    assert.equal(found && picture(told.text, found), is);
    if (found) assert.deepEqual(found.owners, ['ada']);
  });
}

/** A clone with two commits and another branch, and a world in which Ada and the owner went on. */
async function openClone(context: TestContext): Promise<{ lab: GitLab; told: ToldPast }> {
  const folder = path.join(await temporaryFolder(context), 'clone');
  const lab = await GitLab.init(folder);
  lab.isLive = true;
  await lab.write({ 'a.ts': OLDEST });
  lab.commitAll();
  lab.git('branch', 'other');
  await lab.write({ 'a.ts': HEAD });
  lab.commitAll();
  lab.git('checkout', '-q', '-b', 'theirs');
  await lab.write({ 'a.ts': HEAD.replace('const second = 2;', 'const second = two();') });
  lab.commitAll();
  lab.git('checkout', '-q', 'other');
  await lab.write({ 'a.ts': BRANCH });
  lab.commitAll();
  lab.git('checkout', '-q', 'main');
  await lab.write({ 'a.ts': NOW });
  const git = openFolderGit(folder, silentLog);
  context.after(() => git.dispose());
  const told = new ToldPast(OLDEST, git).by(BOT, HEAD).by('ada', BY_ADA).by(BOT, NOW);
  return { lab, told };
}
