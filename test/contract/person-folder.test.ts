// An agent whose client works in a person's own folder: what its tools write there is the agent's, by its word.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { HookWords } from '../../src/agents/hooks/hook-words.ts';
import type { NativeWrite } from '../../src/agents/hooks/hook-event.ts';
import { UNATTRIBUTED } from '../../src/core/unattributed.ts';
import type { StoredIdentity } from '../../src/world/identities.ts';
import { changeMember, removeMember } from '../../src/world/change-member.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { giveWord, textHashOf, wordFor } from '../../src/world/tool-word.ts';
import { until } from '../harness/until.ts';
import { KeptFolder } from '../harness/term-lab.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

const OLD = 'one\r\ntwo\r\nthree\r\n';

/** A folder that a person's window keeps, who may not name others but brought one agent along. */
async function stage(t: TestContext) {
  const lab = await WorldLab.open(t);
  const person = await lab.join({ rights: ['edit', 'lock', 'resolve', 'invite'] });
  const [own, foreign] = [
    await lab.join({ kind: 'agent', by: person }),
    await lab.join({ kind: 'agent' }),
  ];
  const known: Readonly<Record<string, StoredIdentity>> = { own, foreign };
  const identities = { read: (_: string, name: string) => Promise.resolve(known[name]) };
  const state = path.join(lab.folder, 'state');
  await mkdir(path.join(lab.folder, 'folder'), { recursive: true });
  await writeFile(path.join(lab.folder, 'folder', 'a.txt'), OLD);
  const session = await lab.enter(person);
  const readWord = (file: string) => wordFor(state, file, identities, Date.now());
  const kept = await KeptFolder.keep(session, lab.folder, {
    author: UNATTRIBUTED.identity,
    readWord,
  });
  lab.endsFirst(() => kept.close());
  const file = (name: string): string => path.join(kept.folder, name);
  const words = (name: 'own' | 'foreign', token = known[name]!.token): HookWords =>
    new HookWords({ state, speaker: { server: '', name }, token, nowMs: Date.now });
  return {
    lab,
    session,
    kept,
    own,
    state,
    words,
    readWord,
    file,
    /** Writes as a tool does, and tells whose the newest version of the file is. */
    written: async (name: string, text: string): Promise<string> => {
      const before = session.view.fileAt(name)?.version ?? 0;
      await writeFile(file(name), text);
      await kept.look();
      await until(() => (session.view.fileAt(name)?.version ?? 0) > before);
      await caughtUp(session);
      const head = session.view.fileAt(name)!;
      const ops = await readFileOps(await session.whenOnline(), head.fileId, 0, head.version);
      const { author, actor } = ops.at(-1)!;
      assert.equal(actor, person.identity, 'it is the person’s folder');
      if (author === own.identity) return 'own';
      return author === UNATTRIBUTED.identity ? 'nobody' : author;
    },
  };
}

function quote(was: string, replacement: string): NativeWrite {
  return { kind: 'quotes', quotes: [was], edits: [{ quote: was, replacement, isEvery: false }] };
}

test('what an agent’s tools write in its person’s folder is the agent’s by its word, and nothing else', async (t) => {
  const { words, file, written, readWord, state, own: agent } = await stage(t);
  const own = words('own');
  const a = { path: 'a.txt', file: file('a.txt') };
  assert.equal(await written('a.txt', OLD.replace('one', '1')), 'nobody', 'nobody said so');

  await own.willWrite(a, quote('two', 'TWO'));
  assert.equal(await written('a.txt', '1\r\nTWO\r\nthree\r\n'), 'own');
  await own.wrote(a, undefined);
  await own.willWrite({ path: 'new.md', file: file('new.md') }, { kind: 'whole', text: 'new\n' });
  assert.equal(await written('new.md', 'new\n'), 'own');

  // Another text than was said, or the same made of what somebody else had written meanwhile.
  await own.willWrite(a, quote('three', '3'));
  assert.equal(await written('a.txt', '1\r\nTWO\r\nthree!\r\n'), 'nobody');
  const [before, after] = ['x\nTWO\nthree!\n', 'x\n2\nthree!\n'].map(textHashOf);
  const word = { path: 'a.txt', before: before!, after: after!, atMs: Date.now() };
  await giveWord(state, word, { server: '', name: 'own' }, agent.token);
  assert.equal(await written('a.txt', 'x\r\n2\r\nthree!\r\n'), 'nobody');

  // Said after it was taken in: that stays as it is.
  await own.willWrite(a, { kind: 'somewhere' });
  assert.equal(await written('a.txt', 'y\r\n2\r\nthree!\r\n'), 'nobody');
  await own.wrote(a, undefined);
  assert.equal(await written('a.txt', 'z\r\n2\r\nthree!\r\n'), 'nobody');
  assert.equal((await readWord('a.txt'))?.after, textHashOf('y\n2\nthree!\n'));
  assert.equal(await readFile(file('a.txt'), 'utf8'), 'z\r\n2\r\nthree!\r\n');
});

test('a word without the agent’s secret, or for an agent that is not the person’s, changes nothing', async (t) => {
  const { words, file, written, state, own, readWord } = await stage(t);
  const a = { path: 'a.txt', file: file('a.txt') };
  await words('own', 'guessed').willWrite(a, quote('one', '1'));
  assert.equal(await readWord('a.txt'), undefined);
  assert.equal(await written('a.txt', OLD.replace('one', '1')), 'nobody');
  await words('foreign').willWrite(a, quote('1', 'one'));
  assert.equal(await written('a.txt', OLD), 'nobody');
  const before = (await readWord('a.txt'))!.before;
  const word = { path: 'a.txt', before, after: textHashOf('x'), atMs: Date.now() - 2 * 3600_000 };
  await giveWord(state, word, { server: '', name: 'own' }, own.token);
  assert.equal(await readWord('a.txt'), undefined, 'too old');
});

test('what a paused agent wrote there comes in once the agent is removed: it is nobody’s word then', async (t) => {
  const { lab, session, kept, own, words, file } = await stage(t);
  const owner = await lab.enter(lab.owner);
  await until(() => owner.view.members.has(own.identity));
  await changeMember(owner, owner.view.members.get(own.identity)!, { paused: true });
  await until(() => session.view.members.get(own.identity)?.paused === true);
  await words('own').willWrite({ path: 'a.txt', file: file('a.txt') }, quote('two', 'TWO'));
  await writeFile(file('a.txt'), OLD.replace('two', 'TWO'));
  const { version } = session.view.fileAt('a.txt')!;
  await kept.look();
  assert.equal((await kept.says('refused')).code, 'paused');
  assert.equal(session.view.fileAt('a.txt')!.version, version);

  await removeMember(owner, own.identity);
  await until(() => session.view.fileAt('a.txt')!.version > version);
  assert.equal(await readFile(file('a.txt'), 'utf8'), OLD.replace('two', 'TWO'));
});
