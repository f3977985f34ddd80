import { change, insert, TestWorld } from './test-world.ts';

/** A small world in which everything happened that leaves an op. */
export async function livelyWorld(): Promise<TestWorld> {
  const lively = await TestWorld.create();
  const { owner } = lively;
  const ann = lively.join('ann');
  const text = lively.createFile(owner, 'a.txt', 'one\ntwo\nthree\n');
  lively.edit(owner, text, 1, insert(1, 3, ' 2 😀'));
  const [outcome] = lively.edit(ann, text, 1, [change(1, 0, 1, 3, 'TWO')]).inserted('op_outcome');
  lively.mustCall(owner, 'checkpoint_file', { fileId: text });
  const whole = (base: number) => ({
    opId: lively.nextId(),
    author: '',
    fileId: text,
    expectedBaseVersion: base,
  });
  lively.edit(owner, text, 1, [change(1, 0, 1, 3, '2')]);
  const [ticket] = lively.rows('conflict_ticket');
  lively.mustCall(owner, 'resolve_conflict', {
    opId: lively.nextId(),
    ticketId: ticket!.ticketId,
    expectedHeadVersion: outcome!.version,
    resolution: 'rebase',
    parts: [],
  });
  const moved = { ...whole(4), fromPath: 'a.txt', path: 'b.txt' };
  lively.mustCall(owner, 'rename_file', moved);
  const shape = { mode: 'executable', eol: 'crlf', bom: true };
  lively.mustCall(owner, 'set_file_mode', { ...whole(4), ...shape });
  lively.mustCall(owner, 'delete_file', whole(4));
  lively.mustCall(owner, 'restore_file', { ...whole(4), path: '' });
  const bytes = Uint8Array.of(0, 1, 2, 255);
  const content = { kind: 'binary', eol: 'lf', bom: false, text: '', bytes };
  const file = { opId: lively.nextId(), path: 'c.bin', mode: 'regular', content };
  lively.mustCall(owner, 'create_file', { author: '', file });
  const fileId = lively.head('c.bin').fileId;
  const next = { ...content, bytes: Uint8Array.of(3, 4) };
  const replaced = { ...whole(1), fileId, content: next };
  lively.mustCall(owner, 'replace_content', replaced);
  const note = { kind: 'message', to: ann, text: 'done' };
  lively.mustCall(owner, 'add_note', { opId: lively.nextId(), ...note });
  return lively;
}

/** The same with an open conflict whose texts are too long for its row. */
export async function livelyWorldWithLongTicket(): Promise<TestWorld> {
  const world = await livelyWorld();
  const { owner } = world;
  const fileId = world.createFile(owner, 'long.txt', 'one\n');
  world.edit(owner, fileId, 1, [change(0, 0, 0, 3, 'ONE')]);
  world.edit(owner, fileId, 1, [change(0, 0, 0, 3, 'long '.repeat(5000))], { intent: 'patch' });
  return world;
}
