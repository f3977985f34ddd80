/**
 * Shows that the simulation would notice: breaks the sync layer in one way after the other, in a
 * copy, and plays seeds until one fails. Not part of the tests, since it takes minutes; run it after
 * changing the oracle:
 *
 *     node --import tsx test/simulation/try-mutants.ts [part of a name]
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

interface Mutant {
  readonly name: string;
  readonly file: string;
  /** What is replaced by what; each must be there exactly once. */
  readonly edits: readonly (readonly [from: string, to: string])[];
}

const mutants: readonly Mutant[] = [
  {
    name: 'the echo of an own call is recognised by its text',
    file: 'editor-queue.ts',
    edits: [
      [
        'const isEcho = isApplied && event.version === call.version + 1;',
        'const isEcho = JSON.stringify(event.changes) === call.text;',
      ],
      [
        'this.#call = { version, held: [] };',
        'this.#call = { version, held: [], text: JSON.stringify(changes) };',
      ],
    ],
  },
  {
    name: 'the first event after a call that failed is taken for its echo',
    file: 'editor-queue.ts',
    edits: [
      [
        'const isEcho = isApplied && event.version === call.version + 1;',
        'const isEcho = event.version === call.version + 1;',
      ],
    ],
  },
  {
    name: 'whatever the editor made of an edit is taken for the edit',
    file: 'entered-changes.ts',
    edits: [['if (sameChanges(made, entering.changes)) return', 'if (made.length >= 0) return']],
  },
  {
    name: 'ties are flipped: own text stands first',
    file: 'crossing.ts',
    edits: [
      [
        "const mine = rebase(part.changes, theirs, 'after');",
        "const mine = rebase(part.changes, theirs, 'before');",
      ],
    ],
  },
  {
    name: 'what is typed into refused text is not told to its ticket',
    file: 'ticket-additions.ts',
    edits: [
      [
        'return { ...noted, pending: tellTicket(state.pending, reason.ticketId, edit, added, now) };',
        'return noted;',
      ],
    ],
  },
  {
    name: 'an unanswered batch is sent again under new ids',
    file: 'document-binding.ts',
    edits: [
      [
        'if (file.isConnected && this.#state.inFlight) file.send(this.#state.inFlight.batch);',
        `const { inFlight } = this.#state;
    if (!file.isConnected || !inFlight) return;
    const ops = inFlight.batch.ops.map((op) => ({ ...op, opId: this.#ports.ids.next() }));
    file.send({ ...inFlight.batch, ops });`,
      ],
    ],
  },
  {
    name: 'the remote queue is not rebased over typing',
    file: 'local-change.ts',
    edits: [
      [
        "return { edits: crossed.edits, entry: { ...entry, changes: crossed.changes } };\n    }\n    case 'correction'",
        "return { edits: crossed.edits, entry };\n    }\n    case 'correction'",
      ],
    ],
  },
  {
    name: 'typing over the remote queue is not judged',
    file: 'local-change.ts',
    edits: [
      [
        'const crossed = crossCommitted(edits, entry, now);',
        'const crossed = crossUnjudged(edits, entry.changes);',
      ],
    ],
  },
  {
    name: 'contested parts are neither split off nor declared',
    file: 'crossing.ts',
    edits: [
      [
        'if (contested.length === 0) return [carried];',
        'if (contested.length >= 0) return [carried];',
      ],
    ],
  },
  {
    name: 'contested parts take the rest of the edit with them',
    file: 'crossing.ts',
    edits: [['if (contested.length === edit.changes.length ||', 'if (contested.length > 0 ||']],
  },
  {
    name: 'an own op is recognised by what it does',
    file: 'committed-op.ts',
    edits: [
      [
        'if (state.inFlight?.awaited.includes(op.opId)) return',
        'if (state.inFlight && sameChanges(state.inFlight.edits[0]?.changes ?? [], op.changes)) return',
      ],
    ],
  },
  {
    name: 'a ticket leaves the text in the editor',
    file: 'refused-edits.ts',
    edits: [['remote: [...state.remote, withdrawal],', 'remote: state.remote,']],
  },
  {
    name: 'a refusal is forgotten instead of kept as a draft',
    file: 'document-binding.ts',
    edits: [
      ['if (draft) this.#journal.keep(draft);', 'if (draft) this.#journal.note(this.#state);'],
    ],
  },
  {
    name: 'the slot stays blocked after a refusal',
    file: 'document-binding.ts',
    edits: [["this.#withdraw({ tag: 'draft', code, message });\n      return;", 'return;']],
  },
  {
    name: 'a repeated op is taken in twice',
    file: 'document-binding.ts',
    edits: [['if (op.version <= version || ', 'if (op.version < version || ']],
  },
  {
    name: 'a window that starts again forgets what was in flight',
    file: 'draft-journal.ts',
    edits: [
      [
        "if (record.tag === 'unsent') unsent = record;",
        "if (record.tag === 'unsent') unsent = { version: record.version, pending: record.pending };",
      ],
    ],
  },
  {
    name: 'a load from disk counts as typing',
    file: 'document-binding.ts',
    edits: [
      [
        "cause === 'disk'\n        ? loadFromDisk(this.#state, changes)\n        : changeLocally",
        'changeLocally',
      ],
    ],
  },
];

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const wanted = process.argv[2] ?? '';

const copy = await mkdtemp(path.join(tmpdir(), 'agent-world-mutants-'));
try {
  for (const folder of ['src/core', 'src/sync', 'src/host', 'spacetimedb', 'test']) {
    await cp(path.join(root, folder), path.join(copy, folder), { recursive: true });
  }
  await cp(path.join(root, 'package.json'), path.join(copy, 'package.json'));
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  for (const mutant of mutants.filter(({ name }) => name.includes(wanted))) {
    console.log(`${await outcomeOf(mutant)}: ${mutant.name}`);
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}

async function outcomeOf({ file, edits }: Mutant): Promise<string> {
  const target = path.join(copy, 'src/sync', file);
  const source = await readFile(target, 'utf8');
  if (edits.some(([from]) => source.split(from).length !== 2)) return 'NOT APPLICABLE';
  await writeFile(
    target,
    edits.reduce((broken, [from, to]) => broken.replace(from, () => to), source),
  );
  try {
    const script = path.join(copy, 'test/simulation/first-failure.ts');
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script], { cwd: copy });
    return stdout.trim();
  } finally {
    await writeFile(target, source);
  }
}
