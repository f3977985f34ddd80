// Holds the two writers of one subject, so that both share a clock and nobody else's garbage.
import { setTimeout as elapse } from 'node:timers/promises';
import { answerRequests } from './child-process.ts';
import type { Subject, SubjectReference, Writer } from './subject.ts';
import type { Flood, Keys, KeystrokeDelays } from './typing.ts';
import { typeInTurns, typeTogether } from './typing.ts';

interface Place {
  readonly subject: SubjectReference;
  readonly connection: string;
  readonly path: string;
}

export type WritersRequest =
  | (Place & { readonly kind: 'in turns'; readonly keystrokes: number; readonly keys: Keys })
  | (Place & { readonly kind: 'together'; readonly flood: Flood });

export type WritersResponse = KeystrokeDelays | { readonly keystrokesPerSecond: number };

const roundTimeoutMs = 60_000;

answerRequests(async (request: WritersRequest): Promise<WritersResponse> => {
  const module = (await import(request.subject.module)) as Record<string, Subject>;
  const subject = module[request.subject.exportName];
  if (!subject) throw new Error(`${request.subject.module} has no ${request.subject.exportName}`);
  const { connection, path } = request;
  const writers: readonly [Writer, Writer] = [
    await subject.openWriter({ connection, path, writerIndex: 0 }),
    await subject.openWriter({ connection, path, writerIndex: 1 }),
  ];
  globalThis.gc?.();
  const stopWatching = new AbortController();
  try {
    return await Promise.race([play(writers, request), stalled(stopWatching.signal)]);
  } finally {
    stopWatching.abort();
    await Promise.all(writers.map((writer) => writer.close()));
  }
});

async function play(
  writers: readonly [Writer, Writer],
  request: WritersRequest,
): Promise<WritersResponse> {
  if (request.kind === 'in turns') {
    return typeInTurns(writers, request.keystrokes, request.keys);
  }
  return { keystrokesPerSecond: await typeTogether(writers, request.flood) };
}

/** A lost keystroke would otherwise be waited for without end. */
async function stalled(signal: AbortSignal): Promise<never> {
  await elapse(roundTimeoutMs, undefined, { signal });
  throw new Error(`after ${roundTimeoutMs / 1000} s some keystrokes have not arrived`);
}
