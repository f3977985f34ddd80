// Prepares one subject's encoded history of a trace, then folds it as often as it is asked.
import type { SequentialTraceName } from '../../test/harness/trace-file.ts';
import { loadSequentialTrace } from '../../test/harness/trace-file.ts';
import { answerRequests } from './child-process.ts';
import type { PrepareFold, SubjectReference } from './subject.ts';

export type FoldRequest =
  | {
      readonly kind: 'prepare';
      readonly fold: SubjectReference;
      readonly trace: SequentialTraceName;
    }
  | { readonly kind: 'run' };

/** Milliseconds of one fold; 0 for the preparation. */
export type FoldResponse = number;

let prepared:
  { readonly fold: () => string | Promise<string>; readonly endContent: string } | undefined;

answerRequests((request: FoldRequest): Promise<FoldResponse> =>
  request.kind === 'prepare' ? prepare(request.fold, request.trace) : run(),
);

async function prepare(fold: SubjectReference, traceName: SequentialTraceName): Promise<number> {
  const module = (await import(fold.module)) as Record<string, PrepareFold>;
  const prepareFold = module[fold.exportName];
  if (!prepareFold) throw new Error(`${fold.module} has no ${fold.exportName}`);
  const trace = await loadSequentialTrace(traceName);
  prepared = { fold: await prepareFold(trace), endContent: trace.endContent };
  return 0;
}

async function run(): Promise<number> {
  if (!prepared) throw new Error('asked to fold before anything was prepared');
  globalThis.gc?.();
  const startMs = performance.now();
  const text = await prepared.fold();
  const elapsedMs = performance.now() - startMs;
  if (text !== prepared.endContent) throw new Error('the fold does not give the end of the trace');
  return elapsedMs;
}
