// Files that change while an agent works in them: the world tells it, so its calls ask for nothing more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bringBackFile,
  deleteFile,
  type FileChanger,
  replaceFile,
} from '../../src/world/change-file.ts';
import { minimalChanges } from '../../src/sync/minimal-changes.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { type ToolUser, ToolsLab } from './tools-lab.ts';
import { whenever } from './world-lab.ts';

/** What another member does to a file before the agent reads it. */
const step = fc.constantFrom('edit', 'edits', 'exchange', 'binary', 'delete', 'reconnect');
type Step = Awaited<ReturnType<(typeof step)['generate']>>['value'];

test('after some changes of others a read asks only where the world is', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.md', 'one\ntwo\nthree\n');
  const read = async (): Promise<readonly string[]> => {
    await lab.caughtUp();
    const asked = questionsOf(ada);
    const answer = await ada.tools.readFile({ path: 'a.md' });
    assert.equal(answer.body.kind === 'text' && answer.body.text.includes(`${times} times`), true);
    return asked.end();
  };
  let times = 0;
  const change = async (): Promise<void> => {
    times++;
    await write(bob, 'a.md', `one\ntwo, ${times} times\nthree\n`);
  };
  await change();
  assert.ok((await read()).length > 1, 'nobody told it before');
  await change();
  await read();
  for (let more = 0; more < 3; more++) {
    await change();
    await change();
    assert.deepEqual(await read(), ['SELECT * FROM log_head']);
  }
  // What it edits it knows, and what is told beside the answer was told it, too.
  await change();
  await lab.caughtUp();
  const asked = questionsOf(ada);
  const answer = await ada.tools.editFile({
    path: 'a.md',
    edits: [{ search: 'three', replacement: '3' }],
  });
  assert.equal(answer.code, 'ok');
  assert.match(answer.news.changes[0]?.diff ?? '', new RegExp(`\\+two, ${times} times`));
  assert.deepEqual(asked.end(), []);
});

test('a file that nobody asks for is not followed for ever, and is found as it is', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  await lab.file(bob, 'a.md', 'one\n');
  const read = async (text: string): Promise<number> => {
    const asked = questionsOf(ada);
    const { body } = await ada.tools.readFile({ path: 'a.md' });
    assert.equal(body.kind === 'text' && body.text, `1→${text}`);
    return asked.end().length;
  };
  for (let time = 1; time <= 3; time++) {
    await write(bob, 'a.md', `${time}\n`);
    await lab.caughtUp();
    await read(String(time));
  }
  const start = { startLine: 0, startCharacter: 0, endLine: 0, endCharacter: 0 };
  for (let key = 0; key < 130; key++) await bob.agent.edit('a.md', [{ ...start, text: 'k' }]);
  await lab.caughtUp();
  assert.ok((await read(`${'k'.repeat(130)}3`)) > 1, 'it was followed still');
});

test('a read tells the newest text, whatever others do to the file', async (t) => {
  const lab = await ToolsLab.open(t);
  const [ada, bob] = [await lab.join(), await lab.join('human')];
  let files = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const path = `${++files}.txt`;
      await lab.file(bob, path, 'one\ntwo\nthree\n');
      for (const [index, each] of steps.entries()) {
        await does[each](path, index, { ada, bob });
        await lab.caughtUp();
        const { body } = await ada.tools.readFile({ path });
        const head = bob.session.view.fileAt(path)!;
        if (head.kind === 'binary') {
          assert.equal(body.kind, 'binary');
          continue;
        }
        assert.ok(body.kind === 'text');
        assert.equal(body.version, head.version);
        const text = body.text.split('\n').map((line) => line.replace(/^\d+→/, ''));
        assert.deepEqual(text, (await lab.text(path)).split('\n').slice(0, text.length));
      }
    }),
    { numRuns: 12 },
  );
});

type Users = Readonly<Record<'ada' | 'bob', ToolUser>>;

const does: Readonly<Record<Step, (path: string, at: number, users: Users) => Promise<void>>> = {
  edit: (path, at, { bob }) => write(bob, path, `one\n${at}\nthree\n`),
  async edits(path, at, { bob }) {
    for (let more = 0; more < 3; more++) await write(bob, path, `${more}\n${at}\nthree\n`);
  },
  async exchange(path, at, { bob }) {
    const { fileId, version } = bob.session.view.fileAt(path)!;
    const content = { kind: 'text', text: `${at}\n`, eol: 'lf', bom: false } as const;
    await replaceFile(changer(bob), { fileId, version, content });
  },
  async binary(path, at, { bob }) {
    const { fileId, version } = bob.session.view.fileAt(path)!;
    const content = { kind: 'binary', bytes: Uint8Array.of(0, at) } as const;
    await replaceFile(changer(bob), { fileId, version, content });
  },
  async delete(path, _, { bob }) {
    const head = bob.session.view.fileAt(path)!;
    await deleteFile(changer(bob), head);
    await bringBackFile(changer(bob), { ...head, ...bob.session.view.files.get(head.fileId) });
  },
  async reconnect(path, at, users) {
    const { session } = users.ada;
    const former = session.link!;
    former.connection.disconnect();
    await does.edit(path, at, users);
    await whenever(session, () => session.link !== undefined && session.link !== former);
  },
};

function changer({ session }: ToolUser): FileChanger {
  return { session, randomBytes: systemRandomBytes, author: '' };
}

async function write(person: ToolUser, path: string, text: string): Promise<void> {
  const read = await person.agent.read(path);
  // What was no text becomes one again.
  if (read.tag !== 'text') return does.exchange(path, 1, { ada: person, bob: person });
  const changes = minimalChanges(read.text, text);
  if (changes.length > 0) await person.agent.edit(path, changes);
}

/** What is asked of the world from now on. */
function questionsOf({ session }: ToolUser): { end(): readonly string[] } {
  const link = session.link!;
  const asked: string[] = [];
  const subscribe = link.subscribe.bind(link);
  link.subscribe = (queries, onApplied) => {
    asked.push(...queries);
    return subscribe(queries, onApplied);
  };
  return {
    end(): readonly string[] {
      link.subscribe = subscribe;
      return asked;
    },
  };
}
