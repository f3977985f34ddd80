/**
 * Owns: setting how a file is put on disk while others may set something else of it in the same instant. A call
 * says the whole form, so what others set just before would be undone by it: that is set again. Does not know:
 * how a call is sent.
 */
import { readHeadSeq } from '../world/read-head.ts';
import type { FileHead } from '../world/world-rows.ts';
import type { WorldSession } from '../world/world-session.ts';
import type { Verdict } from './mirror-world.ts';

export type FileForm = Pick<FileHead, 'mode' | 'eol' | 'bom'>;

/** `send` sets the form that it is given, and is called once more where somebody else has set one just before. */
export async function setForm(
  session: WorldSession,
  { fileId }: Pick<FileHead, 'fileId'>,
  form: FileForm,
  send: (form: FileForm) => Promise<Verdict>,
  signal: AbortSignal,
): Promise<Verdict> {
  const { files } = session.view;
  const known = files.get(fileId);
  if (known === undefined) return send(form);
  const seen: FileForm[] = [];
  const stop = files.onChange(({ after }) => {
    if (after?.fileId === fileId) seen.push(after);
  });
  let verdict: Verdict;
  try {
    verdict = await send(form);
    if (verdict.tag !== 'applied') return verdict;
    // An answer may come before what was earlier is told.
    const isTold = seen.length > 0 && isSame(seen.at(-1)!, form);
    if (!isTold) await readHeadSeq(await session.whenOnline(signal));
  } finally {
    stop();
  }
  // What comes after this call is for whoever sent it to mend.
  const before = seen.slice(
    0,
    Math.max(
      0,
      seen.findLastIndex((each) => isSame(each, form)),
    ),
  );
  const others = before.at(-1);
  if (others === undefined) return verdict;
  const mended: FileForm = {
    mode: form.mode === known.mode ? others.mode : form.mode,
    eol: form.eol === known.eol ? others.eol : form.eol,
    bom: form.bom === known.bom ? others.bom : form.bom,
  };
  return isSame(mended, form) ? verdict : setForm(session, { fileId }, mended, send, signal);
}

function isSame(one: FileForm, other: FileForm): boolean {
  return one.mode === other.mode && one.eol === other.eol && one.bom === other.bom;
}
