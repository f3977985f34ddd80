// What an agent of the editor's wrote while it was paused: kept as drafts, and judged when it may go on.
import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Changes, replace } from '../../src/core/change.ts';
import { DraftDecisions } from '../../src/editor/draft-decisions.ts';
import { DraftFiles } from '../../src/editor/draft-files.ts';
import { PausedDrafts } from '../../src/editor/paused-drafts.ts';
import { AgentSession } from '../../src/agents/agent-session.ts';
import { changeMember } from '../../src/world/change-member.ts';
import { readFileOps } from '../../src/world/read-file-ops.ts';
import { newUuid, systemRandomBytes } from '../../src/world/uuid.ts';
import { until } from '../harness/until.ts';
import { caughtUp, WorldLab } from './world-lab.ts';

async function stage(t: TestContext) {
  const lab = await WorldLab.open(t);
  const rights = ['edit', 'lock', 'resolve', 'invite'] as const;
  const person = await lab.join({ rights });
  const { identity: chat } = await lab.join({ kind: 'agent', by: person });
  const session = await lab.enter(person);
  const owner = new AgentSession({
    session: await lab.enter(lab.owner),
    randomBytes: systemRandomBytes,
  });
  await owner.create('a.txt', 'one\ntwo\nthree\n');
  await caughtUp(session, owner.session);
  const drafts = await DraftFiles.open(path.join(lab.folder, 'drafts'), 'window');
  t.after(() => drafts.dispose());
  const newId = (): string => newUuid(Date.now(), systemRandomBytes);
  const { fileId, version } = session.view.fileAt('a.txt')!;
  const judged: string[] = [];
  const onJudged = ({ draftId }: { readonly draftId: string }): void => void judged.push(draftId);
  const begin = (): PausedDrafts => {
    const decisions = new DraftDecisions(drafts);
    const parts = { session, drafts, decisions, newId, onJudged };
    const begun = new PausedDrafts({ ...parts, isWhole: () => true });
    drafts.onDrafts = () => begun.look();
    t.after(() => begun.dispose());
    return begun;
  };
  return {
    session,
    owner,
    chat,
    fileId,
    drafts,
    judged,
    begin,
    pause: async (paused: boolean): Promise<void> => {
      const member = owner.session.view.members.get(chat)!;
      await changeMember(owner.session, member, { paused });
      await caughtUp(owner.session, session);
    },
    /** The chat writes while it is paused. */
    write: async (changes: Changes): Promise<string> => {
      const draftId = newId();
      const none = { carriedFrom: 0, overlaps: [], rangeHashes: [] };
      const edit = { fileId, expectedBaseVersion: version, changes, author: chat, ...none };
      const told = { code: 'paused', message: 'this member is paused' };
      const of = { draftId, fileId, opIds: [newId()], version, changes, replaced: [''] };
      const agentEdit = { opId: newId(), intent: 'patch', ...edit } as const;
      await drafts.putDraft({ ...of, ...told, madeAtMs: Date.now(), agentEdit });
      return draftId;
    },
    text: async (): Promise<string> => {
      await caughtUp(owner.session);
      const read = await owner.read('a.txt');
      return read.tag === 'text' ? read.text.toString() : read.tag;
    },
  };
}

function at(line: number, from: number, to: number, text: string): Changes {
  return [replace({ line, character: from }, { line, character: to }, text)];
}

test('when the agent may go on it is taken in where nobody was, and waits as its ticket where somebody was', async (t) => {
  const { session, owner, chat, fileId, drafts, judged, begin, pause, write, text } =
    await stage(t);
  await pause(true);
  begin();
  const taken = await write(at(2, 0, 5, 'THREE'));
  const disputed = await write(at(0, 0, 3, 'ONE'));
  await owner.read('a.txt');
  await owner.replace('a.txt', [{ search: 'one', replacement: 'zero\nuno' }]);
  assert.equal(await text(), 'zero\nuno\ntwo\nthree\n');
  assert.equal(drafts.drafts.length, 2);
  await pause(false);
  // A draft is gone a moment before that is told.
  await until(() => judged.length === 2);
  assert.deepEqual(judged, [taken, disputed]);
  assert.deepEqual(drafts.drafts, []);
  assert.equal(await text(), 'zero\nuno\ntwo\nTHREE\n');
  await caughtUp(session);
  const head = session.view.files.get(fileId)!;
  const ops = await readFileOps(await session.whenOnline(), fileId, 0, head.version);
  assert.equal(ops.find(({ opId }) => opId === taken)?.author, chat);
  const [ticket] = session.view.tickets.values();
  assert.equal(ticket?.author, chat);
});

test('the next window judges them, once; what is refused for another reason stays a draft', async (t) => {
  const { owner, drafts, judged, begin, pause, write, text } = await stage(t);
  await pause(true);
  await write(at(1, 0, 3, 'TWO'));
  await pause(false);
  const first = begin();
  await until(() => judged.length === 1);
  assert.equal(await text(), 'one\nTWO\nthree\n');
  first.dispose();
  await pause(true);
  await write(at(0, 0, 0, '\0'));
  begin();
  await pause(false);
  await until(() => drafts.drafts[0]?.code !== 'paused');
  assert.equal(drafts.drafts[0]?.code, 'bad_text');
  assert.equal(await text(), 'one\nTWO\nthree\n');
  assert.equal(owner.session.view.tickets.size, 0);
});
