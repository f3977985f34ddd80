/**
 * Owns: one task in a plain folder, with what clients' own tools are documented to do there: an exact quote
 * that stands once in the text on disk now, lines by number, a whole text in place of what is there, a patch
 * by its context, file after file. Edits keep a file's CRLF and mark. Nobody else is known of.
 *
 * Most clients do just that. A careful one refuses to edit or write a file that it has not read as it is on disk
 * now, and keeps CRLF and mark in whole writes, too.
 */
import { nearestPlace } from '../../src/agents/tools/nearest-place.ts';
import { requoted } from './agent-memory.ts';
import type { AgentTask, TaskCall } from './task.ts';
import { afterOthers, judge, perform } from './verdict.ts';
import type { TaskRun } from './world-run.ts';

type PlainCode =
  'ok' | 'not_found' | 'ambiguous' | 'no_such_file' | 'bad_range' | 'unread' | 'changed';

type Habit = 'usual' | 'careful';

export function runInFolder(task: AgentTask, habit: Habit): TaskRun {
  const disk = new Map(Object.entries(task.files));
  const known = new Map([...disk].filter(([path]) => task.reads?.includes(path) ?? true));
  const make = (call: TaskCall): PlainCode =>
    habit === 'careful' ? makeCarefully(disk, known, call) : makeIn(disk, call);
  const listed = new Set(disk.keys());
  const readings = new Map<string, string>();
  for (const path of task.reads ?? disk.keys()) readings.set(path, plain(disk.get(path)!));
  for (const call of task.earlier ?? []) make(call);
  const begun = new Map(disk);
  for (const act of task.others) perform(disk, act);
  const first = make(task.first);
  if (task.again) make(task.first);
  const line = task.place?.line;
  const again =
    first === 'ok'
      ? undefined
      : secondCall(disk, { readings, listed, call: task.first, line }, first);
  if (again && again.tool !== 'patch' && disk.has(again.path)) {
    known.set(again.path, disk.get(again.path)!);
  }
  const second = again && make(again);
  const outcome = (second ?? first) === 'ok' ? 'done' : 'refused';
  return {
    verdict: judge(task, afterOthers(task, begun), { files: disk, outcome }),
    tries: again ? 2 : 1,
    codes: [first, ...(second ? [second] : [])],
  };
}

/** It looks into the folder as it is, since the answers of such tools tell no places. */
function secondCall(
  disk: ReadonlyMap<string, string>,
  memory: Parameters<typeof requoted>[0],
  code: PlainCode,
): TaskCall | undefined {
  const { call, line, listed, readings } = memory;
  if (call.tool === 'write') {
    const isNews = readings.has(call.path) || !listed.has(call.path);
    return code === 'unread' && !isNews ? call : undefined;
  }
  if (call.tool === 'patch') return repatched(disk, memory);
  const read = readings.get(call.path)?.split('\n') ?? [];
  if (call.tool === 'lines') {
    const rows = read.slice(call.from - 1, call.to);
    const place = onlyFileWith(disk, `\n${rows.join('\n')}\n`);
    const from = place && place.text.slice(0, place.at).split('\n').length - 1;
    return from === undefined
      ? undefined
      : { ...call, path: place!.path, from, to: from + rows.length - 1 };
  }
  if (code === 'no_such_file') {
    const place = onlyFileWith(disk, call.old);
    return place && { ...call, path: place.path };
  }
  // It has read the file again.
  if (code === 'changed') return call;
  const now = plain(disk.get(call.path)!).split('\n');
  if (code === 'ambiguous') return widened(read, now.join('\n'), call, line);
  const near = nearestPlace(now, call.old.replace(/\n$/, '').split('\n'));
  return near && requoted(memory, now.slice(near.start, near.end), 0);
}

/** For a patch of one file: the file where its lines stand, or the lines that come nearest to a hunk's. */
function repatched(
  disk: ReadonlyMap<string, string>,
  memory: Parameters<typeof requoted>[0],
): TaskCall | undefined {
  const { call } = memory;
  if (call.tool !== 'patch' || call.text.split(/^--- a\//m).length !== 2) return undefined;
  const path = /^\+\+\+ b\/(.*)$/m.exec(call.text)![1]!;
  const hunks = call.text.split(/^@@.*\n/m).slice(1);
  const olds = hunks.map((hunk) => sideOf(hunk, '+'));
  const there = disk.get(path);
  if (there === undefined) {
    const place = onlyFileWith(disk, olds[0]!);
    return place && { ...call, text: call.text.replaceAll(path, place.path) };
  }
  const now = plain(there);
  const bad = olds.findIndex((old) => !`\n${now}`.includes(old));
  if (bad < 0) return undefined;
  const near = nearestPlace(now.split('\n'), olds[bad]!.slice(1).split('\n'));
  return near && requoted(memory, now.split('\n').slice(near.start, near.end), bad);
}

function onlyFileWith(disk: ReadonlyMap<string, string>, part: string) {
  const having = [...disk].filter(([, text]) => `\n${plain(text)}\n`.includes(part));
  const [only] = having;
  if (!only || having.length > 1) return undefined;
  const text = `\n${plain(only[1])}\n`;
  return { path: only[0], text, at: text.indexOf(part) + 1 };
}

/** Lines around the one that is meant, until they stand once. */
function widened(
  read: readonly string[],
  now: string,
  call: Extract<TaskCall, { readonly tool: 'replace' }>,
  line: number | undefined,
): TaskCall | undefined {
  if (line === undefined) return undefined;
  const rows = call.old.replace(/\n$/, '').split('\n').length;
  for (let more = 1; more < read.length; more++) {
    const from = Math.max(0, line - 1 - more);
    const old = read.slice(from, line - 1 + rows + more).join('\n');
    const within = old.indexOf(call.old, read.slice(from, line - 1).join('\n').length);
    if (within < 0) return undefined;
    if (now.split(old).length !== 2) continue;
    const replaced = old.slice(0, within) + call.new + old.slice(within + call.old.length);
    return { ...call, old, new: replaced };
  }
  return undefined;
}

function makeCarefully(
  disk: Map<string, string>,
  known: Map<string, string>,
  call: TaskCall,
): PlainCode {
  if (call.tool === 'patch') return makeIn(disk, call);
  const { path } = call;
  const there = disk.get(path);
  if (there !== undefined && known.get(path) !== there)
    return known.has(path) ? 'changed' : 'unread';
  const isWrite = call.tool === 'write' && there !== undefined;
  const mark =
    isWrite && there.startsWith('\uFEFF') && !call.text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const code = makeIn(
    disk,
    isWrite ? { ...call, text: mark + asOnDisk(plain(call.text), there) } : call,
  );
  if (code === 'ok') known.set(path, disk.get(path)!);
  return code;
}

function makeIn(disk: Map<string, string>, call: TaskCall): PlainCode {
  if (call.tool === 'patch') return patch(disk, call.text);
  if (call.tool === 'write') {
    disk.set(call.path, call.text);
    return 'ok';
  }
  const there = disk.get(call.path);
  if (there === undefined) return 'no_such_file';
  const text = plain(there);
  if (call.tool === 'lines') {
    const lines = text.split('\n');
    if (call.to > lines.length) return 'bad_range';
    lines.splice(call.from - 1, call.to - call.from + 1, call.text.replace(/\n$/, ''));
    disk.set(call.path, asOnDisk(lines.join('\n'), there));
    return 'ok';
  }
  const [before, after, ...more] = text.split(plain(call.old));
  if (before === undefined || after === undefined) return 'not_found';
  if (more.length > 0) return 'ambiguous';
  disk.set(call.path, asOnDisk(before + plain(call.new) + after, there));
  return 'ok';
}

/** A file whose changes all fit is written before the next one is looked at. */
function patch(disk: Map<string, string>, text: string): PlainCode {
  for (const part of text.split(/^--- a\//m).slice(1)) {
    const path = /^\+\+\+ b\/(.*)$/m.exec(part)![1]!;
    const there = disk.get(path);
    if (there === undefined) return 'no_such_file';
    let result = `\n${plain(there)}`;
    for (const hunk of part.split(/^@@.*\n/m).slice(1)) {
      const old = sideOf(hunk, '+');
      const at = result.indexOf(old);
      if (at < 0) return 'not_found';
      result = result.slice(0, at) + sideOf(hunk, '-') + result.slice(at + old.length);
    }
    disk.set(path, asOnDisk(result.slice(1), there));
  }
  return 'ok';
}

/** A hunk's lines without those of a mark, each behind a line feed. */
function sideOf(hunk: string, without: '+' | '-'): string {
  return hunk
    .replace(/\n$/, '')
    .split('\n')
    .filter((row) => !row.startsWith(without))
    .map((row) => `\n${row.slice(1)}`)
    .join('');
}

/** Line ends that are all CRLF are kept apart, as clients do that look at them; mixed ones stay in the text. */
function plain(text: string): string {
  return isCrlf(text) ? text.replaceAll('\r\n', '\n') : text;
}

function asOnDisk(text: string, there: string): string {
  return isCrlf(there) ? text.replaceAll('\n', '\r\n') : text;
}

function isCrlf(text: string): boolean {
  return text.includes('\r\n') && !/(?<!\r)\n/.test(text);
}
