// Whatever a client sends as arguments: the tools answer, in words and in data, with a stable code.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client, InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/client';
import { fromJsonSchema } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import fc from 'fast-check';
import { AgentDoor } from '../../src/mcp/agent-door.ts';
import { agentServer } from '../../src/mcp/agent-server.ts';
import { ANSWER_SCHEMA } from '../../src/mcp/answer-schema.ts';
import { TOOLS } from '../../src/mcp/tools.ts';
import { systemClock } from '../../src/world/clock.ts';
import { argumentsOf } from './mcp-arguments.ts';
import { textLacks, type ToolUser, ToolsLab } from './tools-lab.ts';

/** Of each tool in each era of the protocol; a thousand in all. */
const RUNS = 36;
const SEED = 20_260_728;

const form = fromJsonSchema(ANSWER_SCHEMA)['~standard'];

for (const [era, mode] of [
  ['2025', 'legacy'],
  ['2026-07-28', { pin: '2026-07-28' }],
] as const) {
  test(`any arguments are answered with a stable code, in words and data, in the era ${era}`, async (t) => {
    const lab = await ToolsLab.open(t);
    const user = await lab.join();
    await lab.file(user, 'a.txt', 'one\ntwo\nthree\n');
    await lab.file(user, 'src/ünï "b".ts', 'const a = 1;\r\nconst b = 2;\r\n');
    await lab.file(user, 'empty.txt', '');
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
    await client.connect(served(t, user));
    t.after(() => client.close());
    // With the list the client knows the form that it then demands of each answer.
    assert.equal((await client.listTools()).tools.length, TOOLS.length);
    const places = placesIn(lab.lab.folder);
    const faults: string[] = [];
    for (const tool of TOOLS) {
      const sent = fc.sample(argumentsOf(tool, places), { numRuns: RUNS, seed: SEED });
      const ask = async (args: Record<string, unknown>): Promise<void> => {
        try {
          await fits(await client.callTool({ name: tool.name, arguments: args }));
        } catch (error) {
          faults.push(`${tool.name} ${JSON.stringify(args)}: ${String(error)}`);
        }
      };
      // Those that wait do so together.
      if (tool.name === 'news') await Promise.all(sent.map(ask));
      else for (const args of sent) await ask(args);
    }
    assert.deepEqual(faults, []);
    assert.match(
      JSON.stringify(await client.callTool({ name: 'list_files', arguments: {} })),
      /files?/,
    );
  });
}

test('an id comes back as it was sent, and the cancellation of what is done changes nothing', async (t) => {
  const lab = await ToolsLab.open(t);
  const transport = served(t, await lab.join());
  const answers: JSONRPCMessage[] = [];
  let heard = (): void => undefined;
  const onmessage = (message: JSONRPCMessage): void => {
    answers.push(message);
    heard();
  };
  Object.assign(transport, { onmessage });
  await transport.start();
  t.after(() => transport.close());
  const ask = async (id: string | number, method: string, params: object): Promise<unknown> => {
    const next = new Promise<void>((resolve) => (heard = resolve));
    await transport.send({ jsonrpc: '2.0', id, method, params } as JSONRPCMessage);
    await next;
    return answers.at(-1);
  };
  const clientInfo = { name: 'test', version: '1' };
  const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  await ask('first', 'initialize', hello);
  const listing = { name: 'list_files', arguments: {} };
  for (const id of [0, -1, Number.MAX_SAFE_INTEGER, '0', '', 'ï"\n\u2028', '__proto__']) {
    const answer = (await ask(id, 'tools/call', listing)) as { id: unknown; result: unknown };
    assert.strictEqual(answer.id, id);
    assert.match(JSON.stringify(answer.result), /"code":"ok"/);
    const cancelled = { method: 'notifications/cancelled', params: { requestId: id } };
    await transport.send({ jsonrpc: '2.0', ...cancelled });
  }
  assert.equal(answers.length, 8, 'one answer for each');
});

/** An answer has the form that clients are told of, a code, and says the same twice. */
async function fits(answer: Record<string, unknown>): Promise<void> {
  const { content, structuredContent, isError } = answer;
  assert.equal((await form.validate(structuredContent)).issues, undefined);
  const { code, outcome } = structuredContent as Readonly<Record<string, string>>;
  assert.match(code!, /^[a-z_]+$/);
  assert.equal(isError === true, outcome === 'refused');
  const [said] = content as readonly { readonly text: string }[];
  assert.equal(textLacks(said!.text, structuredContent), undefined);
}

/** The client's end of a server of this user's. */
function served(context: TestContext, { tools }: ToolUser): InMemoryTransport {
  const [here, there] = InMemoryTransport.createLinkedPair();
  const door = new AgentDoor({
    clock: systemClock,
    enter: () => Promise.resolve({ tools, leave: () => undefined }),
  });
  const handle = serveStdio(() => agentServer({ door, version: '1.0.0', worldName: 'Lab' }), {
    transport: there,
  });
  context.after(() => handle.close());
  return here;
}

function placesIn(folder: string) {
  const full = path.join(folder, 'full');
  fs.mkdirSync(full);
  fs.writeFileSync(path.join(full, 'mine.txt'), 'mine');
  const made = Array.from({ length: 10 }, (_, index) => path.join(folder, `copy ${index}`));
  const wrong = [full, 'relative', '', `${folder}/\0`, path.join(full, 'mine.txt', 'under')];
  const good = ['a.txt', 'src/ünï "b".ts', 'empty.txt', 'src', 'src/**', 'new/file.md'];
  const bad = [
    '../out',
    '/etc/passwd',
    'a/../../b',
    '',
    '.',
    '.git/config',
    'C:\\x',
    'a\0b',
    '\ud800',
  ];
  return { paths: [...good, ...good, ...bad], folders: [...made, ...wrong] };
}
