/** Owns: one task in a world: what others do, the agent's call, its second try. */
import type { AgentTools } from '../../src/agents/tools/agent-tools.ts';
import type { Answer } from '../../src/agents/tools/answer.ts';
import type { QuoteEdit } from '../../src/agents/tools/quotes.ts';
import { changeFiles } from '../../src/world/change-files.ts';
import { contentBytes, detectContent } from '../../src/world/text-format.ts';
import { systemRandomBytes } from '../../src/world/uuid.ts';
import { type ToolsLab, type ToolUser } from '../contract/tools-lab.ts';
import { type Memory, requoted } from './agent-memory.ts';
import type { AgentTask, OtherAct, TaskCall } from './task.ts';
import { afterOthers, type Files, judge, type Verdict } from './verdict.ts';

export interface TaskRun {
  readonly verdict: Verdict;
  readonly tries: 1 | 2;
  /** The codes of the answers, for whoever looks into it. */
  readonly codes: readonly string[];
}

interface Players {
  readonly lab: ToolsLab;
  readonly agent: ToolUser;
  readonly other: ToolUser;
}

/** Tasks of one world keep apart in folders. */
export async function runInWorld({ lab, agent, other }: Players, task: AgentTask, folder: string) {
  const placed = placedIn(task, folder);
  // As a folder is taken in: with the bytes that are on disk.
  const steps = Object.entries(placed.files).map(([path, text]) => {
    return { kind: 'create', path, content: detectContent(Buffer.from(text)) } as const;
  });
  const made = await changeFiles(other.session, steps, { randomBytes: systemRandomBytes });
  if (made.tag !== 'applied') throw new Error(`the files of a task are ${made.tag}`);
  await lab.caughtUp();
  const begun = await filesIn(agent, folder);
  const readings = new Map<string, string>();
  const listed = new Set(agent.agent.list().map(({ path }) => path));
  for (const path of placed.reads ?? Object.keys(placed.files)) {
    must(await agent.tools.readFile({ path }));
    const read = await agent.agent.read(path);
    if (read.tag === 'text') readings.set(path, read.text.toString());
  }
  for (const call of placed.earlier ?? []) must(await send(agent.tools, call));
  await lab.caughtUp();
  for (const act of placed.others) await perform(other, act);
  await lab.caughtUp();
  const others = placed.earlier ? await filesIn(agent, folder) : afterOthers(placed, begun);
  const first = placed.again
    ? (await Promise.all([send(agent.tools, placed.first), send(agent.tools, placed.first)]))[0]
    : await send(agent.tools, placed.first);
  const memory = { readings, listed, call: placed.first, line: placed.place?.line };
  const second = await secondTry(agent.tools, memory, first);
  await lab.caughtUp();
  const { outcome } = second ?? first;
  const verdict = judge(placed, others, {
    files: await filesIn(agent, folder),
    outcome,
  });
  const codes = [first, ...(second ? [second] : [])].map(({ code }) => code);
  return { verdict, tries: second ? 2 : 1, codes } satisfies TaskRun;
}

type Replacement = Pick<QuoteEdit, 'occurrence'> & { readonly oldText?: string };

function send(tools: AgentTools, call: TaskCall, more: Replacement = {}): Promise<Answer> {
  switch (call.tool) {
    case 'replace': {
      const { occurrence } = more;
      const edit = { search: call.old, replacement: call.new, occurrence };
      return tools.editFile({ path: call.path, edits: [edit] });
    }
    case 'lines': {
      const { from: firstLine, to: lastLine, text } = call;
      const edit = { firstLine, lastLine, text, oldText: more.oldText };
      return tools.editLines({ path: call.path, edits: [edit] });
    }
    case 'write':
      return tools.writeFile({ path: call.path, text: call.text });
    case 'patch':
      return tools.applyPatch({ patch: call.text });
  }
}

/** The same for all tasks: it knows the call, what it read, and the first answer. */
async function secondTry(
  tools: AgentTools,
  memory: Memory,
  answer: Answer,
): Promise<Answer | undefined> {
  const { call, line, readings } = memory;
  const places = answer.body.kind === 'places' ? answer.body.places : [];
  switch (answer.code) {
    case 'ambiguous': {
      const distances = places.map(({ firstLine, lastLine }) =>
        Math.abs((firstLine + lastLine) / 2 - (line ?? Infinity)),
      );
      const occurrence = distances.indexOf(Math.min(...distances)) + 1;
      return line === undefined || call.tool !== 'replace'
        ? undefined
        : send(tools, call, { occurrence });
    }
    case 'hash_needed': {
      if (call.tool !== 'lines') return undefined;
      const meant = readings
        .get(call.path)
        ?.split('\n')
        .slice(call.from - 1, call.to)
        .join('\n');
      const shown = rowsOf(places[0]?.text).join('\n');
      return meant === shown ? send(tools, call, { oldText: shown }) : undefined;
    }
    case 'not_found':
    case 'patch_misfit': {
      const [place] = places;
      const span = /nearest at lines (\d+) to (\d+)/.exec(answer.message);
      if (!place || !span) return undefined;
      const [from, to] = [Number(span[1]), Number(span[2])];
      const rows = rowsOf(place.text).slice(from - place.firstLine, to - place.firstLine + 1);
      const hunk = Number(/Change (\d+) of/.exec(answer.message)?.[1] ?? '1') - 1;
      const again = requoted(memory, rows, hunk);
      return again && send(tools, again);
    }
    case 'unread':
    case 'partly_read':
      // What it had read is elsewhere now, or what it wanted to make is there: that is not its to decide.
      if (call.tool === 'patch' || readings.has(call.path) || !memory.listed.has(call.path)) {
        return undefined;
      }
      must(await tools.readFile({ path: call.path }));
      return send(tools, call);
    default:
      return undefined;
  }
}

function rowsOf(numbered: string | undefined): readonly string[] {
  return (numbered ?? '').split('\n').map((row) => row.slice(row.indexOf('→') + 1));
}

async function perform({ tools }: ToolUser, act: OtherAct): Promise<void> {
  const { path } = act;
  if (act.does === 'create') must(await tools.createFile({ path, text: act.text }));
  else must(await tools.readFile({ path }));
  if (act.does === 'replace') {
    const edits = [{ search: act.old, replacement: act.new }];
    must(await tools.editFile({ path, edits }));
  }
  if (act.does === 'rename') must(await tools.renameFile({ path, to: act.to }));
  if (act.does === 'delete') must(await tools.deleteFile({ path }));
}

/** As a folder that shows the world has them. */
async function filesIn({ agent }: ToolUser, folder: string): Promise<Files> {
  const files = new Map<string, string>();
  for (const { path } of agent.list().filter((file) => file.path.startsWith(`${folder}/`))) {
    const { eol, otherEnds, bom } = agent.session.view.fileAt(path)!;
    const read = await agent.read(path);
    if (read.tag !== 'text') throw new Error(`${path} is ${read.tag}`);
    const text = read.text.toString();
    const bytes = contentBytes({ kind: 'text', text, eol, otherEnds, bom });
    files.set(path, Buffer.from(bytes).toString());
  }
  return files;
}

function placedIn(task: AgentTask, folder: string): AgentTask {
  const at = (path: string): string => `${folder}/${path}`;
  const all = <Value>(byPath: Readonly<Record<string, Value>> = {}): Record<string, Value> =>
    Object.fromEntries(Object.entries(byPath).map(([path, value]) => [at(path), value]));
  const callAt = (call: TaskCall): TaskCall =>
    call.tool === 'patch'
      ? { ...call, text: call.text.replaceAll(/^(--- a\/|\+\+\+ b\/)/gm, `$1${folder}/`) }
      : { ...call, path: at(call.path) };
  return {
    ...task,
    files: all(task.files),
    ...(task.reads && { reads: task.reads.map(at) }),
    ...(task.earlier && { earlier: task.earlier.map(callAt) }),
    others: task.others.map((act) => ({
      ...act,
      path: at(act.path),
      ...(act.does === 'rename' && { to: at(act.to) }),
    })),
    first: callAt(task.first),
    meant: all(task.meant),
    keeps: all(task.keeps),
    gone: task.gone?.map(at) ?? [],
  };
}

function must(answer: Answer): void {
  if (answer.outcome !== 'done') throw new Error(`${answer.code}: ${answer.message}`);
}
