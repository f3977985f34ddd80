/** Owns: what has to hold of a file on which several worked, whatever the client did. */
import assert from 'node:assert/strict';
import { type AgentStage, type PersonTyping, stopTyping } from '../agent-stage.ts';
import { type FunctionName, lineOf, sharedText, withoutKeys } from '../shared-file.ts';

/** What functions have to say at the end, and who has to be the author of their lines. */
export type Expected = Partial<
  Record<FunctionName, { readonly says: string; readonly by: string }>
>;

/** Nothing lost, nothing doubled, the author right, the person's text untouched. */
export async function demandMerged(
  stage: AgentStage,
  file: string,
  expected: Expected,
  typing: PersonTyping,
): Promise<void> {
  await demandPersonsText(stage, file, typing);
  const text = await stage.worldText(file);
  const says = Object.entries(expected).map(([name, { says }]) => [name, says] as const);
  assert.equal(withoutKeys(text), sharedText(Object.fromEntries(says)), 'the text, without keys');
  await demandAuthors(stage, file, text, expected);
}

/** The person stops; each key is in the text, once, in its order. */
export async function demandPersonsText(
  stage: AgentStage,
  file: string,
  typing: PersonTyping,
): Promise<void> {
  await stopTyping(typing);
  const { typist } = typing;
  const text = await stage.worldText(file);
  assert.deepEqual(typist.keysIn(text), typist.keysTyped, 'each key is there once, in its order');
  assert.ok(typist.keysTyped.length > 0, 'somebody typed');
}

async function demandAuthors(
  stage: AgentStage,
  file: string,
  text: string,
  expected: Expected,
): Promise<void> {
  const runs = await stage.asked('blame', file, stage.project);
  const authorAt = (line: number): unknown =>
    runs.find((run) => Number(run['firstLine']) <= line && line <= Number(run['lastLine']))?.[
      'name'
    ];
  const lines = text.split('\n');
  for (const [name, { says, by }] of Object.entries(expected)) {
    const at = lines.indexOf(lineOf(name as FunctionName, says).trimEnd());
    assert.equal(authorAt(at + 1), by, `the author of ${name}`);
  }
  const typed = lines.findIndex((line) => /~\d+/.test(line));
  assert.equal(authorAt(typed + 1), 'Ada', 'the author of what the person typed');
}

/** What was written in these functions is in the world, in the folder or in a ticket. */
export async function demandKept(
  stage: AgentStage,
  file: string,
  written: readonly FunctionName[],
  says: string,
): Promise<void> {
  const tickets = await stage.asked('tickets', stage.project, '--file', file, '--text');
  const texts = [await stage.worldText(file), await stage.diskText(file), JSON.stringify(tickets)];
  const kept = texts.join('');
  for (const name of written) {
    assert.ok(kept.includes(lineOf(name, says).trim()), `what was written in ${name} is somewhere`);
  }
}

/** The numbers of the open tickets of a member in a file. */
export async function openTickets(
  stage: AgentStage,
  name: string,
  file: string,
): Promise<readonly number[]> {
  const tickets = await stage.asked('tickets', stage.project, '--file', file);
  return tickets.filter((ticket) => ticket['name'] === name).map(({ ticket }) => Number(ticket));
}
