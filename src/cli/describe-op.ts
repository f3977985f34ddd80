import { readPayload, returnedOf } from '../core/op-payload.ts';
import type { OpRecord } from '../core/op.ts';
import { turnOf } from '../core/turn.ts';
import { memberName } from '../world/member-name.ts';
import type { WorldView } from '../world/world-view.ts';

/** One line about an op, for somebody who watches a world. Shows no text of files. */
export function describeOp(op: OpRecord, view: WorldView): string {
  const who = memberName(view, op.author);
  const time = new Date(Number(op.madeAtMicros / 1000n)).toISOString().slice(11, 19);
  const path = view.files.get(op.fileId)?.path ?? '';
  const what = op.kind === 'member' ? memberText(op, view) : editText(op);
  const parts = [`#${op.opSeq}`, time, who, what, path, versionOf(op), sizeOf(op)];
  return parts.filter((part) => part !== '').join(' ');
}

/** The same for programs. */
export function opAsJson(op: OpRecord, view: WorldView): object {
  return {
    opSeq: op.opSeq,
    opId: op.opId,
    kind: op.kind,
    path: view.files.get(op.fileId)?.path ?? null,
    version: op.version,
    author: op.author,
    turn: turnOf(op) ?? null,
    name: view.members.get(op.author)?.displayName ?? null,
    madeAtMs: Number(op.madeAtMicros / 1000n),
    firstLine: op.firstLine,
    lastLine: op.lastLine,
    lineDelta: op.lineDelta,
    /** The versions that some of its text comes from. */
    returnedFrom: [...new Set(returnedOf(op).map(({ version }) => version))],
  };
}

/** Text that comes back stays whose it was: the op says who put it back. */
function editText(op: OpRecord): string {
  if (op.kind === 'note') return noteText(op);
  if (op.kind === 'policy') return policyText(op);
  return returnedOf(op).length > 0 ? `${op.kind}, puts text back` : op.kind;
}

function memberText({ kind, payload }: OpRecord, view: WorldView): string {
  const { joined } = readPayload('member', payload);
  return joined ? `joined by an invite of ${memberName(view, joined.by)}` : kind;
}

/** What a folder asks, what a turn is called and how work was judged, and where it was exported, has no text of files in it. */
function noteText({ kind, payload }: OpRecord): string {
  const { restoration, mark, review, point, text } = readPayload('note', payload);
  if (point?.kind === 'export') return `exported ${text}`;
  return restoration || mark || review ? text : kind;
}

function policyText({ kind, payload }: OpRecord): string {
  const { exportRule } = readPayload('policy', payload);
  if (exportRule === undefined) return kind;
  return exportRule === 'reviewed'
    ? 'asks for review before an export'
    : 'lets any work be exported';
}

function versionOf(op: OpRecord): string {
  return op.fileId > 0 && op.version > 0 ? `v${op.version}` : '';
}

function sizeOf(op: OpRecord): string {
  if (op.changes.length === 0) return '';
  const inserted = op.changes.reduce((sum, change) => sum + change.text.length, 0);
  const lines =
    op.firstLine === op.lastLine
      ? `line ${op.firstLine + 1}`
      : `lines ${op.firstLine + 1}–${op.lastLine + 1}`;
  return `${lines}, ${inserted} typed`;
}
