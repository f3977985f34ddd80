// What drives the real clients, which CI does not run: the model that follows scripts, and what is said of them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../../scripts/setup/paths.mjs';
import { runClientNamed } from '../../../src/acp/run-clients.ts';
import { AGENT_CLIENTS } from '../../../src/agents/clients/known-clients.ts';
import type { Verdict } from '../../agents/cases/agent-case.ts';
import { AGENT_CASES } from '../../agents/cases/all-cases.ts';
import { REAL_CLIENTS } from '../../agents/clients/all-clients.ts';
import type { Script } from '../../agents/model/conversation.ts';
import { ScriptedModel } from '../../agents/model/scripted-model.ts';
import { withResults } from '../../agents/results-table.ts';

/** A client's first request in each form, and the second one with what came of the call. */
interface Form {
  readonly path: string;
  first(mark: string): Record<string, unknown>;
  second(mark: string, result: string): Record<string, unknown>;
}

const FORMS: Readonly<Record<string, Form>> = {
  anthropic: {
    path: '/v1/messages?beta=true',
    first: (mark) => ({ tools: [{ name: 'look' }], messages: [{ role: 'user', content: mark }] }),
    second: (mark, content) => ({
      tools: [{ name: 'look' }],
      messages: [
        { role: 'user', content: mark },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content }] },
      ],
    }),
  },
  responses: {
    path: '/v1/responses',
    first: (mark) => ({ tools: [{ type: 'function', name: 'look' }], input: [said(mark)] }),
    second: (mark, output) => ({
      tools: [{ type: 'function', name: 'look' }],
      input: [
        said(mark),
        { type: 'function_call', call_id: 'a', name: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output },
      ],
    }),
  },
  chat: {
    path: '/v1/chat/completions',
    first: (mark) => ({ tools: [{ function: { name: 'look' } }], messages: [said(mark)] }),
    second: (mark, content) => ({
      tools: [{ function: { name: 'look' } }],
      messages: [
        said(mark),
        { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'look' } }] },
        { role: 'tool', tool_call_id: 'a', content },
      ],
    }),
  },
  gemini: {
    path: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    first: (mark) => ({
      tools: [{ functionDeclarations: [{ name: 'look' }] }],
      contents: [{ role: 'user', parts: [{ text: mark }] }],
    }),
    second: (mark, output) => ({
      tools: [{ functionDeclarations: [{ name: 'look' }] }],
      contents: [
        { role: 'user', parts: [{ text: mark }] },
        { role: 'model', parts: [{ functionCall: { name: 'look', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'look', response: { output } } }] },
      ],
    }),
  },
};

let model: ScriptedModel;

before(async () => {
  model = await ScriptedModel.start();
});

after(() => model.close());

for (const [name, form] of Object.entries(FORMS)) {
  test(`the scripted model speaks ${name}, streamed and whole`, async () => {
    for (const stream of [true, false]) {
      const heard: string[] = [];
      async function* script(): Script {
        const { results, offered } = yield [{ name: 'look', args: { at: 'the place' } }];
        heard.push(...results, ...offered);
      }
      const conversation = model.converse(script());
      const ask = (body: object) => asked(form.path, { ...body, stream });
      const first = await ask(form.first(conversation.mark));
      assert.match(first, /look/);
      assert.match(first, /the place/);
      // Whatever else a client asks meanwhile, such as a title, is none of the script's turns.
      const { tools: _, ...aside } = form.first(conversation.mark);
      assert.doesNotMatch(await ask(aside), /the place/);
      assert.equal(callsOf(await ask(form.first(conversation.mark))), callsOf(first), 'once more');
      const second = await ask(form.second(conversation.mark, 'what came of it'));
      assert.match(second, /Done\./);
      await conversation.ended;
      assert.deepEqual(heard, ['what came of it', 'look']);
    }
  });
}

test('a client that goes away before the end of its script has failed', async () => {
  async function* script(): Script {
    yield [{ name: 'look', args: {} }];
  }
  const conversation = model.converse(script());
  conversation.clientEnded('exit code 1');
  await assert.rejects(conversation.ended, /after 0 turns of its script: exit code 1/);
});

test('every client that can be set up is run, with the version that the pages name', () => {
  const page = fs.readFileSync(path.join(projectRoot, 'docs', 'agents.md'), 'utf8');
  const known = AGENT_CLIENTS.map(({ id, title, program }) => ({ id, title, program }));
  const run = REAL_CLIENTS.map(({ id, title, program }) => ({ id, title, program }));
  assert.deepEqual(run, known);
  for (const client of REAL_CLIENTS) {
    const { title, version, keptFiles, adapter } = client;
    const { program, package: name } = runClientNamed(client.id) ?? client;
    const runs = adapter ?? client;
    assert.deepEqual([runs.program, runs.package], [program, name], `${title} run by a window`);
    if (adapter)
      assert.ok(page.includes(`\`${adapter.program}\` ${adapter.version}`), adapter.program);
    assert.match(version, /^\d+\.\d+\.\d+$/);
    const named = page.matchAll(new RegExp(`^\\| ${title} ([\\d.]+) `, 'gm'));
    const versions = new Set([...named].map(([, found]) => found));
    assert.deepEqual([...versions], [version], `${title} in docs/agents.md`);
    const files = Object.keys(client.settings({ address: 'http://127.0.0.1:1', modelName: 'm' }));
    for (const file of keptFiles) assert.ok(files.includes(file), `${title} begins with ${file}`);
  }
});

test('a run of some clients leaves what others have in the table', () => {
  const page =
    'Before.\n\n<!-- clients: written by `npm run agents` -->\n\n<!-- /clients -->\n\nBehind.\n';
  const [claude, codex] = REAL_CLIENTS;
  const verdicts = new Map<string, Verdict>(AGENT_CASES.map(({ id }) => [id, { tag: 'ok' }]));
  const once = withResults(page, [{ client: claude!, verdicts }]);
  const short = { tag: 'short', why: 'it cannot' } as const;
  const partly = new Map(verdicts).set(AGENT_CASES.at(-1)!.id, short);
  const twice = withResults(once, [{ client: codex!, verdicts: partly }]);
  assert.match(twice, /^\| Claude Code [\d.]+ (\| yes +)+\|$/m);
  assert.match(twice, /^\| Codex [\d.]+ .*\| in part +\|$/m);
  assert.match(twice, /^- Codex, .*: it cannot\.$/m);
  assert.equal(withResults(twice, []), twice);
  const fewer = twice.replaceAll(/^(\|[^|]*)\|[^|]*/gm, '$1');
  assert.match(withResults(fewer, []), /^\| Claude Code [\d.]+ \| not tried (\| yes +)+\|$/m);
  assert.ok(twice.startsWith('Before.') && twice.endsWith('Behind.\n'));
});

function said(content: string) {
  return { role: 'user', content };
}

async function asked(place: string, body: object): Promise<string> {
  const response = await fetch(new URL(place, model.address), {
    method: 'POST',
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return response.text();
}

/** An answer without what is new in every one. */
function callsOf(answer: string): string {
  return answer.replaceAll(/"created(?:_at)?":\d+/g, '');
}
