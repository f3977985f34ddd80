import type { WorldSession } from '../world/world-session.ts';
import { writeNote } from '../world/write-note.ts';
import type { Command, Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { findMember, nameOf } from './member-name.ts';
import { withWorld } from './with-world.ts';

export const noteCommand: Command = {
  name: 'note',
  usage: '[TEXT] [--in WORLD]',
  summary: 'say something to others, or name this point of the history',
  explanation: `
Writes a message to all members, or to one with --to; with --checkpoint the text is a name for this
point of the history, to compare with and go back to. Without a text it lists what was written. Notes
are part of the history, and every member can read all of them.`,
  options: [
    { name: 'in', value: 'WORLD', meaning: 'which world; otherwise the one of this folder' },
    { name: 'to', value: 'NAME', meaning: 'the member it is for' },
    { name: 'checkpoint', meaning: 'it is a name for this point' },
  ],
  positionals: [0, 1],
  run(context, line) {
    const [text] = line.positionals;
    const to = line.text('to');
    const kind = line.flag('checkpoint') ? 'checkpoint' : 'message';
    if (kind === 'checkpoint' && to !== undefined) throw new UsageError('A checkpoint is for all');
    if (text === undefined && (to !== undefined || kind === 'checkpoint')) {
      throw new UsageError('Say what to write: agent-world note TEXT');
    }
    return withWorld(context, line.text('in'), async (session) => {
      if (text === undefined) return list(context, session);
      const reader = to === undefined ? '' : findMember(session.view, to).identity;
      const { machine, signal, terminal } = context;
      await writeNote(session, { kind, to: reader, text }, machine.randomBytes, signal);
      terminal.json({ written: kind });
      terminal.line(kind === 'checkpoint' ? 'This point has a name now.' : 'Said.');
      return EXIT.ok;
    });
  },
};

function list({ terminal }: Context, { view }: WorldSession): ExitCode {
  const notes = [...view.notes.values()].sort((a, b) => a.noteId - b.noteId);
  for (const { noteId, kind, author, to, text, madeAtMs } of notes) {
    const name = nameOf(view, author);
    terminal.json({ note: noteId, kind, author, name, to: to ?? null, text, madeAtMs });
    const time = new Date(madeAtMs).toISOString().slice(0, 16).replace('T', ' ');
    const reader = to === undefined ? '' : ` to ${nameOf(view, to)}`;
    const said = kind === 'message' ? `${name}${reader}` : `${kind} by ${name}`;
    terminal.line(`#${noteId}  ${time}  ${said}: ${text}`);
  }
  if (notes.length === 0) terminal.line('No notes.');
  return EXIT.ok;
}
