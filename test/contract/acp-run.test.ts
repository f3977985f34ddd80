// An agent's client that is run over the Agent Client Protocol: a scripted one, in a folder of its own of a real world.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RunEntry } from '../../src/acp/agent-run.ts';
import { AcpStage } from '../harness/acp-stage.ts';

let stage: AcpStage;

before(async () => {
  stage = await AcpStage.open({ 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n', 'c.txt': 'c\n' });
});

after(() => stage.close());

test('a prompt is answered step by step: thoughts, plan, tools with their diff, and an end', async () => {
  const run = await stage.ready();
  const a = stage.at('a.txt');
  await stage.ask(run, [
    { think: 'Hm, ' },
    { think: 'let me see.' },
    {
      update: {
        sessionUpdate: 'plan',
        entries: [{ content: 'Look', priority: 'high', status: 'in_progress' }],
      },
    },
    {
      update: {
        sessionUpdate: 'tool_call',
        toolCallId: 't1',
        title: 'Edit a.txt',
        kind: 'edit',
        status: 'pending',
        locations: [{ path: a, line: 2 }],
      },
    },
    {
      update: {
        sessionUpdate: 'plan',
        entries: [{ content: 'Look', priority: 'high', status: 'completed' }],
      },
    },
    {
      update: {
        sessionUpdate: 'tool_call_update',
        toolCallId: 't1',
        status: 'completed',
        content: [{ type: 'diff', path: a, oldText: 'two', newText: 'zwei' }],
      },
    },
    { update: { sessionUpdate: 'later_version', anything: 1 } },
    { say: 'Done' },
    { say: '.' },
  ]);
  assert.deepEqual(run.entries.map(plain), [
    { kind: 'prompt' },
    { kind: 'thought', text: 'Hm, let me see.' },
    { kind: 'plan', steps: [{ text: 'Look', priority: 'high', status: 'completed' }] },
    {
      kind: 'tool',
      tool: {
        toolCallId: 't1',
        title: 'Edit a.txt',
        kind: 'edit',
        status: 'completed',
        locations: [{ path: 'a.txt', file: a, line: 2 }],
        diffs: [{ path: 'a.txt', file: a, oldText: 'two', newText: 'zwei', isCut: false }],
        text: '',
      },
    },
    { kind: 'answer', text: 'Done.' },
    { kind: 'end', reason: 'end_turn' },
  ]);
  assert.equal(run.about.version, 'scripted 1.2.3');
  run.setMode('do');
  await stage.until(run, () => run.about.mode === 'do');
  await run.stop();
  assert.equal(run.state, 'ended');
});

/** What a person sees of an entry. */
function plain(entry: RunEntry): object {
  const { id: _, atMs: __, ...content } = entry;
  if (content.kind === 'prompt') return { kind: 'prompt' };
  if (content.kind !== 'answer' && content.kind !== 'thought') return content;
  assert.equal(content.isOpen, false);
  return { kind: content.kind, text: content.text };
}
