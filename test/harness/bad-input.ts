import { Identity, Timestamp } from 'spacetimedb';
import type { ReducerArguments, ReducerName } from '../../src/world/bindings.ts';

/** Files and people that bad input is tried on. */
export interface Ground {
  /** A text file at `inside/text.txt`, version 2: `one\ntwo 😀\nthree\n`. */
  readonly textFile: number;
  /** A binary file. */
  readonly binaryFile: number;
  readonly deletedFile: number;
  /** Identity of a member other than the sender. */
  readonly other: string;
  /** Id of an op of the sender that was applied to the text file. */
  readonly usedId: string;
  readonly closedTicket: number;
  /** A lock of the other member. */
  readonly lock: number;
  readonly nowMicros: bigint;
}

export type BadCall = {
  readonly [Name in ReducerName]: {
    readonly why: string;
    readonly code: string;
    readonly reducer: Name;
    readonly args: ReducerArguments<Name>;
  };
}[ReducerName];

type SentOp = ReducerArguments<'apply_file_ops'>['batch']['ops'][number];
type Change = SentOp['changes'][number];

/** Text of `Ground.textFile`. */
export const GROUND_TEXT = 'one\ntwo 😀\nthree\n';

const HOUR_MS = 3_600_000;

let counter = 0;
let groundMs = 0;

/** An id that is made so long before or after what is now on the ground. */
function freshId(laterMs = 0, version = 7): string {
  const time = (groundMs + laterMs).toString(16).padStart(12, '0');
  const number = (++counter).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}000-9000-${number}`;
}

/**
 * Everything that an editor without further rights may send and no world accepts. Half a surrogate
 * pair cannot even be sent: the wire is UTF-8.
 */
export function badCalls(ground: Ground): readonly BadCall[] {
  groundMs = Number(ground.nowMicros / 1000n);
  return [
    ...badPaths(),
    ...badEdits(ground),
    ...badBatches(ground),
    ...badFileCalls(ground),
    ...badOther(ground),
  ];
}

const PATHS = {
  empty: '',
  'above the world': '../secret',
  'above the world, later': 'src/../../secret',
  'the world itself': '.',
  'with a dot part': 'src/./a',
  absolute: '/etc/passwd',
  'with a drive': 'C:/Windows/a',
  'with backslashes': 'src\\a.ts',
  'with an empty part': 'src//a',
  'with an empty end': 'src/',
  'into git': '.git/config',
  'into git, in capitals': '.GIT/hooks/post-checkout',
  'into git, below': 'sub/.git/config',
  'into git by its short name': 'git~1/config',
  'into git by what HFS leaves out': '.g\u200cit/config',
  'into git with a dot that Windows drops': '.git./config',
  'with NUL': 'a\0b',
  'with a control character': 'a\nb',
  'a device': 'con',
  'a device with an extension': 'src/NUL.txt',
  'a numbered device': 'COM1.log',
  'a device in superscript': 'lpt\u00b9',
  'with a trailing dot': 'src/a.',
  'with a trailing space': 'src /a',
  'with a stream': 'a.txt:evil',
  'with a wildcard': 'a*.txt',
  'with a part that is too long': `${'x'.repeat(256)}/a`,
  'too long': Array.from({ length: 200 }, () => 'abcdefgh').join('/'),
} as const;

function badPaths(): BadCall[] {
  const refused = Object.entries(PATHS).map(([why, path]) =>
    bad(`a path ${why}`, 'bad_path', 'create_file', { author: '', file: file(path) }),
  );
  const taken = ['inside', 'INSIDE', 'inside/text.txt/below'].map((path) =>
    bad(`a folder as file, or a file as folder: ${path}`, 'path_taken', 'create_file', {
      author: '',
      file: file(path),
    }),
  );
  return [...refused, ...taken];
}

function badEdits({ textFile, binaryFile, other }: Ground): BadCall[] {
  const wrong = (why: string, code: string, changes: Change[], more: Partial<SentOp> = {}) =>
    bad(why, code, 'apply_file_ops', batch([op(textFile, 2, changes, more)]));
  return [
    wrong('a line beyond the text', 'bad_range', [change(4, 0, 4, 0, 'x')]),
    wrong('a character beyond its line', 'bad_range', [change(0, 4, 0, 4, 'x')]),
    wrong('an end beyond the text', 'bad_range', [change(0, 0, 9, 0, '')]),
    wrong('a place inside a surrogate pair', 'bad_range', [change(1, 5, 1, 5, 'x')]),
    wrong('a range from end to start', 'bad_range', [change(1, 2, 0, 0, '')]),
    wrong('unsorted changes', 'bad_range', [change(1, 0, 1, 1, ''), change(0, 0, 0, 1, '')]),
    wrong('overlapping changes', 'bad_range', [change(0, 0, 0, 2, ''), change(0, 1, 0, 3, '')]),
    wrong('a base from the future', 'bad_range', [], { expectedBaseVersion: 3 }),
    wrong('no base', 'bad_range', [], { expectedBaseVersion: 0 }),
    wrong('carried from the future', 'bad_range', [], { carriedFrom: 3 }),
    wrong('a carriage return', 'bad_text', [change(0, 0, 0, 0, 'a\r\n')]),
    wrong('a NUL', 'bad_text', [change(0, 0, 0, 0, '\0')]),
    wrong('an unknown intent', 'bad_request', [], { intent: 'mischief' }),
    wrong('an id that is no UUID', 'bad_request', [], { opId: 'mine' }),
    wrong('an id of the module’s own kind', 'bad_request', [], {
      opId: '01890000-0000-8000-8000-000000000001',
    }),
    wrong('another’s name as author', 'forbidden', [], { author: other }),
    wrong('an author that is no identity', 'bad_request', [], { author: 'Ann' }),
    wrong('a range hash beyond the text', 'bad_range', [], {
      rangeHashes: [{ ...change(0, 0, 9, 0, ''), hash: new Uint8Array(32) }],
    }),
    wrong(
      'too many changes',
      'too_many',
      Array.from({ length: 5001 }, () => change(0, 0, 0, 0, '')),
    ),
    wrong('more text than a file holds', 'too_large', [
      change(0, 0, 0, 0, 'x'.repeat(4 * 1024 * 1024)),
    ]),
    bad(
      'an edit of a file that is not',
      'no_such_file',
      'apply_file_ops',
      batch([op(999_999, 1, [])]),
    ),
    bad('an edit of bytes as text', 'bad_text', 'apply_file_ops', batch([op(binaryFile, 1, [])])),
  ];
}

function badBatches({ textFile, usedId }: Ground): BadCall[] {
  const repeated = op(textFile, 2, []);
  return [
    bad('an empty batch', 'bad_request', 'apply_file_ops', batch([])),
    bad('a batch without an id', 'bad_request', 'apply_file_ops', {
      batch: { ...batch([op(textFile, 2, [])]).batch, batchId: '' },
    }),
    bad(
      'a second base in a batch',
      'bad_range',
      'apply_file_ops',
      batch([op(textFile, 2, []), op(textFile, 2, [])]),
    ),
    bad(
      'one id twice in a batch',
      'op_id_reused',
      'apply_file_ops',
      batch([repeated, { ...repeated, expectedBaseVersion: 0 }]),
    ),
    bad(
      'an id that was used for something else',
      'op_id_reused',
      'apply_file_ops',
      batch([op(textFile, 2, [change(0, 0, 0, 0, 'other')], { opId: usedId })]),
    ),
    bad(
      'a used id behind a fresh one',
      'op_id_reused',
      'apply_file_ops',
      batch([op(textFile, 2, []), op(textFile, 0, [], { opId: usedId })]),
    ),
    bad('an extension of no ticket', 'no_such_ticket', 'apply_file_ops', {
      batch: { ...batch([op(textFile, 2, [])]).batch, extends: 999_999 },
    }),
  ];
}

function badFileCalls({ textFile, deletedFile, usedId }: Ground): BadCall[] {
  const on = (fileId: number, base = 2) => ({
    opId: freshId(),
    author: '',
    fileId,
    expectedBaseVersion: base,
  });
  const path = 'inside/text.txt';
  const twice = '2nd\r\n';
  const bytes = new Uint8Array();
  const content = { kind: 'text', eol: 'lf', bom: false, text: '', bytes };
  return [
    bad('a rename out of the world', 'bad_path', 'rename_file', {
      ...on(textFile),
      fromPath: path,
      path: '../a',
    }),
    bad('a rename of a deleted file', 'no_such_file', 'rename_file', {
      ...on(deletedFile, 1),
      fromPath: 'x',
      path: 'y',
    }),
    bad('a delete of no file', 'no_such_file', 'delete_file', on(999_999)),
    bad('a delete from the future', 'bad_range', 'delete_file', on(textFile, 9)),
    bad('a delete under an id without a time', 'bad_request', 'delete_file', {
      ...on(textFile),
      opId: freshId(0, 4),
    }),
    bad('a delete that may be a retry of long ago', 'stale_retry', 'delete_file', {
      ...on(textFile),
      opId: freshId(-8 * 24 * HOUR_MS),
    }),
    bad('a delete from the day after tomorrow', 'bad_clock', 'delete_file', {
      ...on(textFile),
      opId: freshId(48 * HOUR_MS),
    }),
    bad('a delete under a used id', 'op_id_reused', 'delete_file', {
      ...on(textFile),
      opId: usedId,
    }),
    bad('an unknown mode', 'bad_request', 'set_file_mode', {
      ...on(textFile),
      mode: 'setuid',
      eol: 'lf',
      bom: false,
    }),
    bad('an unknown line end', 'bad_request', 'set_file_mode', {
      ...on(textFile),
      mode: 'regular',
      eol: 'cr',
      bom: false,
    }),
    bad('a line end of no line', 'bad_range', 'set_line_ends', {
      ...on(textFile),
      crlf: '99',
      lf: '',
    }),
    bad('content with line ends of no line', 'bad_request', 'replace_content', {
      ...on(textFile),
      content: { ...content, eol: 'lf 99' },
    }),
    bad('content with carriage returns', 'bad_text', 'replace_content', {
      ...on(textFile),
      content: { ...content, text: twice },
    }),
    bad('bytes taken for text', 'bad_text', 'create_file', {
      author: '',
      file: { ...file('b.txt'), content: { ...content, text: 'a\0b' } },
    }),
    bad('text with bytes beside it', 'bad_request', 'create_file', {
      author: '',
      file: { ...file('b.txt'), content: { ...content, bytes: new Uint8Array(1) } },
    }),
    bad('content of an unknown kind', 'bad_request', 'create_file', {
      author: '',
      file: { ...file('b.txt'), content: { ...content, kind: 'link' } },
    }),
    bad('a text that is too large', 'too_large', 'create_file', {
      author: '',
      file: { ...file('b.txt'), content: { ...content, text: 'x'.repeat(4 * 1024 * 1024 + 1) } },
    }),
  ];
}

function badOther({
  textFile,
  deletedFile,
  closedTicket,
  lock,
  other,
  nowMicros,
}: Ground): BadCall[] {
  const claim = {
    requestId: freshId(),
    fileId: textFile,
    version: 2,
    firstLine: 0,
    lastLine: 0,
    reason: '',
    durationMs: 1000,
  };
  const resolve = { opId: freshId(), expectedHeadVersion: 2, resolution: 'accept_head', parts: [] };
  const rights = { role: 'viewer', kind: 'human', capabilities: [], pathScope: [] };
  const invite = {
    ...rights,
    secretHash: 'ab'.repeat(32),
    expiresAt: new Timestamp(nowMicros + 60_000_000n),
    uses: 1,
  };
  const member = {
    identity: new Identity(other),
    role: 'editor',
    capabilities: [],
    pathScope: [],
    paused: false,
  };
  const pathClaim = {
    requestId: claim.requestId,
    pattern: '**',
    isGlob: true,
    reason: '',
    durationMs: 1000,
    isLease: false,
  };
  const names = { session: 's', name: '', client: '', title: '' };
  const turn = { opId: freshId(), ...names, prompt: '', salt: new Uint8Array() };
  const review = {
    opId: freshId(),
    does: 'keep',
    fileId: 0,
    seenSeq: 1,
    lines: [],
    whole: [],
    agent: '',
    turn: 0,
    upTo: 0,
    words: '',
  };
  const profile = { displayName: '', gitName: '', gitEmail: '', color: '' };
  const policy = { policyMode: 'auto', lockPolicy: 'advise', limits: '' };
  return [
    bad('a claim on no file', 'no_such_file', 'acquire_soft_lock', {
      ...claim,
      fileId: deletedFile,
    }),
    bad('a claim from the future', 'bad_range', 'acquire_soft_lock', { ...claim, version: 3 }),
    bad('a claim from end to start', 'bad_range', 'acquire_soft_lock', {
      ...claim,
      firstLine: 2,
      lastLine: 1,
    }),
    bad('a claim beyond the text', 'bad_range', 'acquire_soft_lock', { ...claim, lastLine: 4 }),
    bad('a claim for ever', 'bad_request', 'acquire_soft_lock', {
      ...claim,
      durationMs: 0xffff_ffff,
    }),
    bad('a claim on claimed lines', 'locked', 'acquire_soft_lock', {
      ...claim,
      firstLine: 2,
      lastLine: 2,
    }),
    bad('an end of another’s claim', 'forbidden', 'release_soft_lock', { lockId: lock }),
    bad('an end of no claim', 'no_such_lock', 'release_soft_lock', { lockId: 999_999 }),
    bad('a claim on no path', 'bad_path', 'claim_path', { ...pathClaim, pattern: '' }),
    bad('a claim out of the world', 'bad_path', 'claim_path', { ...pathClaim, pattern: '../**' }),
    bad('a claim on what no file is', 'bad_path', 'claim_path', { ...pathClaim, pattern: 'con.*' }),
    bad('a claim on a path with a star', 'bad_path', 'claim_path', {
      ...pathClaim,
      pattern: 'a*',
      isGlob: false,
    }),
    bad('a claim on a path for ever', 'bad_request', 'claim_path', {
      ...pathClaim,
      durationMs: 0xffff_ffff,
    }),
    bad('a claim on files of which lines are claimed', 'locked', 'claim_path', pathClaim),
    bad('a claim of a nameless request', 'bad_request', 'claim_path', {
      ...pathClaim,
      requestId: 'mine',
    }),
    bad('an end of no claim on paths', 'no_such_lock', 'release_path', { claimId: 999_999 }),
    bad('a turn of a person', 'forbidden', 'begin_turn', turn),
    bad('a turn with a prompt and no salt', 'bad_request', 'begin_turn', { ...turn, prompt: 'x' }),
    bad('a turn with a salt for nothing', 'bad_request', 'begin_turn', {
      ...turn,
      salt: new Uint8Array(32),
    }),
    bad('a turn with a prompt too long', 'too_large', 'begin_turn', {
      ...turn,
      prompt: 'x'.repeat(32_001),
      salt: new Uint8Array(32),
    }),
    bad('an end of no turn', 'no_such_turn', 'end_turn', { opId: freshId(), session: 'none' }),
    bad('an erasure of no prompt', 'no_such_turn', 'erase_prompt', { opId: freshId(), turnId: 1 }),
    bad('a review of nothing', 'bad_request', 'review_files', {
      batchId: freshId(),
      reviews: [],
      steps: [],
      returned: [],
    }),
    bad('a review of no file', 'no_such_file', 'review_files', {
      batchId: freshId(),
      reviews: [{ ...review, fileId: 999_999 }],
      steps: [],
      returned: [],
    }),
    bad('a review of nothing that is told', 'bad_request', 'review_and_tell', {
      batchId: freshId(),
      reviews: [],
      steps: [],
      returned: [],
      told: [],
    }),
    bad('a session of a person', 'forbidden', 'take_session', { session: 'mine' }),
    bad('a decision on no ticket', 'no_such_ticket', 'resolve_conflict', {
      ...resolve,
      ticketId: 999_999,
    }),
    bad('a decision on a closed ticket', 'already_resolved', 'resolve_conflict', {
      ...resolve,
      ticketId: closedTicket,
    }),
    bad('a checkpoint of no file', 'no_such_file', 'checkpoint_file', { fileId: 999_999 }),
    bad('an audit of no file', 'no_such_file', 'rebuild_file_from_snapshot', {
      fileId: 999_999,
      version: 1,
    }),
    bad('an invite by who may not', 'forbidden', 'create_invite', invite),
    bad('rights by who is no owner', 'forbidden', 'set_member', member),
    bad('a removal by who is no owner', 'forbidden', 'remove_member', {
      identity: new Identity(other),
    }),
    bad('a policy by who is no owner', 'forbidden', 'set_policy', policy),
    bad('a name with control characters', 'bad_text', 'set_profile', {
      ...profile,
      displayName: 'a\u0007',
    }),
    bad('a name that is too long', 'too_large', 'set_profile', {
      ...profile,
      displayName: 'x'.repeat(201),
    }),
    bad('a colour that is none', 'bad_request', 'set_profile', { ...profile, color: 'url("x")' }),
    bad('a world named by who is no owner', 'forbidden', 'configure_world', {
      ...policy,
      ...profile,
      name: '',
      worldEpoch: '',
      baseCommit: undefined,
    }),
  ];
}

function bad<Name extends ReducerName>(
  why: string,
  code: string,
  reducer: Name,
  args: ReducerArguments<Name>,
): BadCall {
  return { why, code, reducer, args } as unknown as BadCall;
}

function batch(ops: SentOp[]) {
  return { batch: { batchId: freshId(), extends: 0, ops } };
}

function op(fileId: number, base: number, changes: Change[], more: Partial<SentOp> = {}): SentOp {
  return {
    opId: freshId(),
    fileId,
    expectedBaseVersion: base,
    intent: 'typing',
    author: '',
    carriedFrom: 0,
    overlaps: [],
    rangeHashes: [],
    changes,
    ...more,
  };
}

function file(path: string): ReducerArguments<'create_file'>['file'] {
  const content = { kind: 'text', eol: 'lf', bom: false, text: '', bytes: new Uint8Array() };
  return { opId: freshId(), path, mode: 'regular', content };
}

function change(
  startLine: number,
  startCharacter: number,
  endLine: number,
  endCharacter: number,
  text: string,
): Change {
  return { startLine, startCharacter, endLine, endCharacter, text };
}
