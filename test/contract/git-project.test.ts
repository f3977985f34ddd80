// A project with a long history, edited by five at once, exported in each of the ways, and still whole.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { EXPORT_MODES, type ExportMode } from '../../src/core/git-point.ts';
import { exportWorld } from '../../src/git/export-world.ts';
import { Repository } from '../../src/git/repository.ts';
import { verifyCommit } from '../../src/git/verify-commit.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { historyOfSession } from '../../src/world/world-history.ts';
import { writeNote } from '../../src/world/write-note.ts';
import { GitLab } from '../harness/git-lab.ts';
import { bringIn } from '../harness/git-world.ts';
import { seededRandom, testSeed } from '../harness/seeded-random.ts';
import { WorldLab } from './world-lab.ts';

const isSoak = process.env['AGENT_WORLD_SOAK'] === '1';
const COMMITS = 300;
const MODULES = 12;
const EDITS_EACH = isSoak ? 400 : 30;
const EDITS_PER_CHECKPOINT = isSoak ? 100 : 10;

/** The project's own tests: every entry of every module must be what its name says. */
const TESTS = `import fs from 'node:fs';
let entries = 0;
for (const name of fs.readdirSync('lib')) {
  const { list } = await import('./lib/' + name);
  for (const [key, value] of list) {
    if (Number(key.split('-').at(-1)) !== value()) throw new Error(name + ': ' + key);
    entries++;
  }
}
console.log(entries + ' entries');
`;

const moduleOf = (entries: readonly string[]): string =>
  `// A module of the project.\nexport const list = [\n${entries.map((entry) => `${entry}\n`).join('')}];\n`;
const entryOf = (who: string, value: number): string => `  ['${who}-${value}', () => ${value}],`;

/** Some hundred commits, made by a script. */
async function longHistory(lab: GitLab): Promise<void> {
  const modules = Array.from({ length: MODULES }, (): string[] => []);
  const person = 'Gitta <gitta@example.org> 1700000000 +0000';
  const data = (text: string): string => `data ${text.length}\n${text}\n`;
  const stream: string[] = [];
  for (let commit = 0; commit < COMMITS; commit++) {
    const at = commit % MODULES;
    modules[at]!.push(entryOf('base', commit));
    stream.push(`commit refs/heads/main\ncommitter ${person}\n${data(`Entry ${commit}`)}`);
    if (commit === 0) stream.push(`M 100644 inline test.mjs\n${data(TESTS)}`);
    stream.push(`M 100644 inline lib/m${at}.mjs\n${data(moduleOf(modules[at]!))}`);
  }
  const { status } = spawnSync('git', ['fast-import', '--quiet'], {
    cwd: lab.folder,
    input: stream.join(''),
  });
  assert.equal(status, 0);
  lab.git('checkout', '-q', 'main');
}

/** Adds entries here and there, until it has made its edits; returns how many are in the text. */
async function work(who: AgentSession, name: string, random: () => number): Promise<number> {
  let kept = 0;
  for (let edit = 0; edit < EDITS_EACH; edit++) {
    const file = `lib/m${Math.floor(random() * MODULES)}.mjs`;
    const read = await who.read(file);
    assert.ok(read.tag === 'text');
    const lines = [...read.text.lines()];
    const entries = lines.flatMap((line, index) => (line.startsWith('  [') ? [index] : []));
    const at = entries[Math.floor(random() * entries.length)]!;
    const place = { startLine: at, startCharacter: 0, endLine: at, endCharacter: 0 };
    // Sometimes a line that others may be changing too gives way.
    const isReplacing = random() < 0.3 && lines[at]!.includes(`'${name}`);
    const end = isReplacing ? { endLine: at + 1 } : {};
    const text = `${entryOf(name, edit)}\n`;
    const result = await who.edit(file, [{ ...place, ...end, text }]);
    if (result.tag === 'applied' && !isReplacing) kept++;
    if (result.tag === 'ticketed') await who.withdraw(result.ticketId);
  }
  return kept;
}

test('five at once on a project with a long history: every way out passes the project’s own tests', async (t) => {
  const seed = testSeed();
  t.diagnostic(`seed ${seed}`);
  const world = await WorldLab.open(t);
  const lab = await GitLab.init(path.join(world.folder, 'project'));
  await longHistory(lab);
  const owner = await world.enter(world.owner);
  await bringIn(owner, lab.folder);
  const people = [
    new AgentSession({ session: owner, randomBytes: systemRandomBytes }),
    await world.agent(),
  ];
  const agents = await Promise.all([1, 2, 3].map(() => world.agent({ kind: 'agent' })));
  const everybody = [...people, ...agents];
  const naming = nameCheckpoints(people[0]!);
  const kept = await Promise.all(
    everybody.map((who, index) => work(who, `w${index}`, seededRandom(seed + index))),
  );
  const names = await naming();
  assert.ok(kept.every((count) => count > 0));
  const tips = new Map<ExportMode, string>();
  for (const mode of EXPORT_MODES) {
    const clone = new GitLab(path.join(world.folder, mode));
    lab.git('clone', '-q', lab.folder, clone.folder);
    const repository = await Repository.open(clone.folder);
    const history = historyOfSession(owner);
    // Nobody is told, so that the same is exported again in another way.
    const choice = { mode, branch: 'world/lab', message: '' };
    const { commit, commits } = await exportWorld({
      history,
      repository,
      choice,
      record: async () => {},
    });
    tips.set(mode, clone.treeOf(commit!));
    const all = clone.git('rev-list', 'main..world/lab').split('\n');
    assert.equal(all.length, commits);
    if (mode === 'one') assert.equal(commits, 1);
    if (mode === 'authors') assert.equal(commits, everybody.length);
    if (mode === 'checkpoints')
      assert.ok(commits > names / 2, `${commits} commits of ${names} names`);
    clone.fsck();
    // In between, work of one author alone may not be whole; named points always are.
    for (const tested of mode === 'checkpoints' ? all : [commit!]) {
      clone.git('checkout', '-q', '--detach', tested);
      const { stdout } = await promisify(execFile)(process.execPath, ['test.mjs'], {
        cwd: clone.folder,
      });
      assert.match(stdout, /^\d+ entries\n$/);
    }
    for (const proved of [all[0]!, all.at(-1)!]) {
      assert.equal((await verifyCommit({ history, repository, rev: proved })).tag, 'verified');
    }
    if (mode === 'authors') assertBlame(clone, everybody.length);
  }
  assert.equal(new Set(tips.values()).size, 1, 'each way leads to the same tree');
});

/** Names points of the history while the others work; what it returns ends that, and counts them. */
function nameCheckpoints({ session }: AgentSession): () => Promise<number> {
  let edits = 0;
  let names = 0;
  let written = Promise.resolve();
  const stop = session.view.files.onChange(() => {
    if (++edits % EDITS_PER_CHECKPOINT > 0) return;
    const note = { kind: 'checkpoint', to: '', text: `Point ${++names}` } as const;
    written = written.then(() => writeNote(session, note, systemRandomBytes));
  });
  return async () => {
    stop();
    await written;
    return names;
  };
}

/** Every entry is its author's, by git's own account. */
function assertBlame(clone: GitLab, writers: number): void {
  const authors = new Map<string, Set<string>>();
  for (let at = 0; at < MODULES; at++) {
    const blame = clone.git('blame', '--line-porcelain', 'world/lab', '--', `lib/m${at}.mjs`);
    for (const [, author, line] of blame.matchAll(/^author (.*)$[^\t]*\n\t(.*)$/gm)) {
      const who = /^ {2}\['(\w+)-/.exec(line!)?.[1];
      if (who) authors.set(who, (authors.get(who) ?? new Set()).add(author!));
    }
  }
  assert.equal(authors.size, writers + 1);
  for (const [who, names] of authors)
    assert.equal(names.size, 1, `${who}: ${[...names].join(', ')}`);
}
