import { once } from 'node:events';
import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { agentIdentityName } from '../agents/agent-identity.ts';
import { AgentSession } from '../agents/agent-session.ts';
import { joinAgent } from '../agents/join-agent.ts';
import { ShownWrites } from '../agents/shown-writes.ts';
import { OpenTurns } from '../agents/open-turns.ts';
import { openFolderGit } from '../git/folder-state.ts';
import { tryLock } from '../host/process-lock.ts';
import {
  askToPull,
  type DirectoryEvent,
  DirectoryMirror,
  directoryState,
  rememberDirectory,
} from '../mirror/directory-mirror.ts';
import { MirrorDoor, UNUSED_MS } from '../mirror/mirror-door.ts';
import { isMirrorRunning, MIRROR_LOCK } from '../mirror/mirror-lock.ts';
import { tellIfLong } from '../world/tell-waits.ts';
import { newUuid } from '../world/uuid.ts';
import type { KnownWorld } from '../world/world-list.ts';
import { WorldError } from '../world/world-error.ts';
import { followBase } from './agent-git.ts';
import { noticesIn } from './agent-notices.ts';
import type { Command, CommandLine, Context } from './command.ts';
import { EXIT, UsageError, type ExitCode } from './exit-code.ts';
import { findWorld } from './known-world.ts';
import { giveWay } from './give-way.ts';
import { boundHeapGrowth } from './heap-growth.ts';
import { showFileProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import type { WorldSession } from '../world/world-session.ts';
import { textOfRestoration } from './restoration-text.ts';
import { tellMirrorStatus, UNWATCHED } from './mirror-status.ts';
import { demandOwnFiles, keptBy } from './running-mirrors.ts';
import { untilAborted } from './until-aborted.ts';
import { withWorld } from './with-world.ts';
import { pathInside } from '../world/path-inside.ts';

export const mirrorCommand: Command = {
  name: 'mirror',
  usage: 'DIR --as NAME [--world WORLD] [--hold] | DIR --pull | DIR --status',
  summary: 'a directory of its own for an agent',
  explanation: `
Keeps another directory in step with a world, as a member of its own, until you interrupt it: whoever
only writes files works beside people under its own name. What it writes becomes the least changes
against what was last put there. What meets others' work waits for a decision as a ticket, which is
told, and the file has the world's text.

Where a tool there puts old text back over others' work, as "git checkout" does, or deletes many files, or
the directory is missing, nothing changes for others: a question waits until somebody answers it (see
"agent-world restorations"). With --json that is told as "asked", "answered", "left" and "withdrawn".

With --hold what others do comes in only when asked, so that tests run against a text that does not
move: by "agent-world mirror DIR --pull", or by a line "pull" on standard input. What the agent writes
goes to the world at once all the same; a file whose text became a ticket stays until then.

With --status it tells how DIR stands: what git left unfinished there and the next step, a lock that a
killed git left, questions that wait, and which files differ from the world. A mirror need not run.

DIR is made where it is missing. It must not be the world's own folder, nor inside it,
and no other mirror may keep it, a folder of it, or one around it.`,
  options: [
    { name: 'as', value: 'NAME', meaning: 'the agent’s name; it joins the first time' },
    { name: 'world', value: 'WORLD', meaning: 'a world’s name, or a folder in it' },
    { name: 'hold', meaning: 'take others’ changes in only when asked' },
    { name: 'until-input-ends', meaning: 'end when standard input does' },
    { name: 'until-unused', meaning: 'end ten minutes after the last client that works in DIR' },
    { name: 'pull', meaning: 'ask the mirror that runs on DIR to take them in, and wait for it' },
    { name: 'status', meaning: 'tell what differs from the world, and what git left unfinished' },
  ],
  positionals: [1, 1],
  async run(context, line) {
    const named = path.resolve(line.positionals[0]!);
    if (line.flag('pull')) return pull(context, line, named);
    if (line.flag('status')) return tellMirrorStatus(context, line, named);
    const name = line.text('as')?.trim();
    if (!name) throw new UsageError('Say whose directory it is: --as NAME');
    const world = await findWorld(context.machine, line.text('world'));
    demandApart(named, world);
    await mkdir(named, { recursive: true });
    const directory = await realpath(named);
    demandApart(directory, world);
    return keep(context, world, {
      directory,
      name,
      holds: line.flag('hold'),
      endsWithInput: line.flag('until-input-ends'),
      endsUnused: line.flag('until-unused'),
    });
  },
};

interface Wanted {
  readonly directory: string;
  readonly name: string;
  readonly holds: boolean;
  readonly endsWithInput: boolean;
  readonly endsUnused: boolean;
}

async function keep(
  context: Context,
  world: KnownWorld,
  { directory, name, holds, endsWithInput, endsUnused }: Wanted,
): Promise<ExitCode> {
  const { machine, terminal, signal } = context;
  const state = await directoryState(machine.home, directory, world.database);
  await mkdir(state, { recursive: true, mode: 0o700 });
  await rememberDirectory(state, directory);
  const lock = tryLock(path.join(state, MIRROR_LOCK));
  if (lock.kind === 'busy') throw keptBy(directory);
  // It is there for as long as an agent works, beside everything else on this machine.
  boundHeapGrowth();
  const server = machine.serverFor(world.server);
  try {
    await demandOwnFiles(machine.home, directory, state);
    return await withWorld(context, world.database, async (owner) => {
      // The host, which would weigh as little if it were started from here, runs by now.
      giveWay();
      const profile = { name: agentIdentityName(name), displayName: name, color: '' };
      const session = await joinAgent(machine, owner, server, profile, signal);
      // The person whose machine it is has done their part.
      owner.close();
      const turns = new OpenTurns(session);
      const stopFollowing = await followBase(session, world, directory, machine);
      const notices = await noticesIn(machine, { session, folder: directory, state });
      const tellEvent = eventTeller(terminal);
      const { randomBytes } = machine;
      const shown = new ShownWrites(new AgentSession({ session, randomBytes }));
      const mirror = await DirectoryMirror.open({
        home: machine.home,
        session,
        // Who keeps which directory is this machine's matter, wherever the world is.
        hostUri: (ending) => machine.hostUri(ending),
        clock: machine.clock,
        directory,
        holds,
        newId: () => newUuid(machine.clock.nowMs(), randomBytes),
        openGit: () => openFolderGit(directory, machine.log),
        tell: (event) => {
          tellEvent(event);
          if (event.tag === 'refused') notices?.refused(event.path, event);
        },
        onTurns: () => turns.look(),
        onWritten: (place) => shown.wrote(place),
        output: machine.log,
      });
      const door = await MirrorDoor.open({
        state,
        clock: machine.clock,
        unusedMs: unusedMs(),
        mayEnd: endsUnused,
      });
      const lines = createInterface({ input: process.stdin });
      lines.on('line', (text) => {
        if (text.trim() === 'pull') mirror.pull().catch((error) => terminal.note(String(error)));
      });
      try {
        const inputEnds = endsWithInput ? [once(lines, 'close')] : [];
        const unused = endsUnused ? [door.unused] : [];
        await Promise.race([untilAborted(signal), untilRefused(session), ...inputEnds, ...unused]);
      } finally {
        lines.close();
        stopFollowing();
        door.close();
        mirror.dispose();
        shown.dispose();
        await notices?.dispose();
        turns.dispose();
        session.close();
      }
      return EXIT.ok;
    });
  } finally {
    if (lock.kind === 'held') lock.release();
  }
}

/** Tests do not wait for ten minutes. */
function unusedMs(): number {
  return Number(process.env['AGENT_WORLD_TEST_UNUSED_MS'] ?? UNUSED_MS);
}

async function pull(
  { machine, terminal }: Context,
  line: CommandLine,
  named: string,
): Promise<ExitCode> {
  const directory = await realpath(named).catch(() => {
    throw new UsageError(`No mirror runs on ${named}: there is no such directory`);
  });
  const world = line.text('world');
  const worlds = world ? [await findWorld(machine, world)] : await machine.worlds.all();
  for (const { database } of worlds) {
    const state = await directoryState(machine.home, directory, database);
    if (!(await isMirrorRunning(state))) continue;
    const files = await tellIfLong(machine.clock, askToPull(state, PULL_MS), () =>
      terminal.note(`Waiting for the mirror on ${directory} to take others’ changes in`),
    );
    if (files === undefined) throw new WorldError('unreachable', `${directory} does not answer`);
    tell(terminal, { tag: 'pulled', files });
    return EXIT.ok;
  }
  throw new UsageError(
    `No mirror runs on ${directory}; start one: agent-world mirror DIR --as NAME`,
  );
}

/** A world of a large project takes a while to be put on disk. */
const PULL_MS = 120_000;

function eventTeller(terminal: Terminal): (event: DirectoryEvent) => void {
  const say = (event: DirectoryEvent): void => tell(terminal, event);
  const onTenth = (done: number, total: number): void => say({ tag: 'progress', done, total });
  const showProgress = showFileProgress(terminal, onTenth);
  return (event) => {
    if (event.tag === 'progress') showProgress(event.done, event.total);
    else say(event);
  };
}

function tell(terminal: Terminal, event: DirectoryEvent): void {
  terminal.json(event);
  if (isWait(event)) terminal.note(textOf(event));
  else terminal.line(textOf(event));
}

function isWait({ tag }: DirectoryEvent): boolean {
  return (
    tag === 'waiting' ||
    tag === 'unwatched' ||
    tag === 'no_host' ||
    tag === 'pulling' ||
    tag === 'progress'
  );
}

function textOf(event: DirectoryEvent): string {
  switch (event.tag) {
    case 'pulled':
      return `In step; ${event.files} files are other than before`;
    case 'waiting':
      return 'Another process keeps this directory; waiting until it ends';
    case 'unwatched':
      return UNWATCHED;
    case 'no_host':
      return 'Waiting for this machine’s own host, which tells who keeps a directory';
    case 'pulling':
      return 'Comparing the directory with the world, and taking in what others did';
    case 'progress':
      return `${event.done} of ${event.total} files were looked at`;
    case 'outside':
      return `Not in the world: ${event.path} (${event.why})`;
    case 'ticketed':
      return `Conflict: what was written to ${event.path} waits as ticket ${event.ticketId}`;
    case 'refused': {
      const copy = event.copy === '' ? '' : `; a copy is in ${event.copy}`;
      return `Refused: ${event.path}: ${event.message}${copy}`;
    }
    case 'replaced':
      return `${event.files} files had other content, and have the world’s now; copies are kept, of ${event.path} in ${event.copy}`;
    case 'asked':
    case 'answered':
    case 'left':
    case 'withdrawn':
      return textOfRestoration(event);
    case 'evened':
      return `Line ends of ${event.path} were mixed, and are all alike now`;
    case 'parted':
      return `${event.path} had other names on this disk (hard links), which keep what it was: others’ edit is under this name only`;
    case 'twin':
      return `Only here: ${event.path}; the world has ${event.other}, and some systems take the two names for one. Rename or delete one of them. Ticket ${event.ticketId} has what it says`;
    case 'strayed':
      return `Others keep ${event.path}: the world cannot have it as ${event.name} (${event.why}). Give it another name, or delete it`;
    case 'joined':
      return `${event.path} is ${event.name} now, and so is a folder of others: ${event.files} of their files are in it too`;
    case 'unmerged':
      return `git has ${namesIn(event)} in conflict: others keep what they have until git add says that it is resolved`;
    case 'stuck':
      return stuckText(event);
  }
}

function stuckText(event: Extract<DirectoryEvent, { tag: 'stuck' }>): string {
  if (event.fault === 'disk_in_use') {
    return `Another program has this open: ${namesIn(event)} (${event.fault}); it is tried again`;
  }
  return `The disk fails: ${namesIn(event)} (${event.fault}); it is tried again`;
}

function namesIn({
  path,
  more,
  count,
}: Extract<DirectoryEvent, { readonly more: readonly string[] }>): string {
  const [unnamed, many] = [count - more.length - 1, count > 1 ? `${count} files: ` : ''];
  const names = [path, ...more, ...(unnamed > 0 ? [`and ${unnamed} more`] : [])].join(', ');
  return `${many}${names}`;
}

/** Rejects once the world does not let the member in any more. */
async function untilRefused(session: WorldSession): Promise<never> {
  return new Promise((_resolve, reject) => {
    session.onState((state) => state.tag === 'refused' && reject(state.error));
  });
}

function demandApart(directory: string, world: KnownWorld): void {
  if (world.folder === '') return;
  if (pathInside(world.folder, directory) !== undefined) {
    throw new UsageError(`${directory} is in the world's own folder; name one beside it`);
  }
}
