// Calls of several steps, written short.
import type { Changes } from '../../../src/core/change.ts';
import type { Arguments, CallResult, TestWorld } from './test-world.ts';

export type Step = Arguments<'change_files'>['steps'][number];
export interface StepDraft extends Partial<Omit<Step, 'changes'>> {
  readonly kind: string;
  readonly changes?: Changes;
}

export type ChangeFiles = Arguments<'change_files'>;

/** A call with these steps. */
export function changing(world: TestWorld, ...steps: readonly StepDraft[]): ChangeFiles {
  const whole = steps.map((step): Step => ({
    opId: world.nextId(),
    fileId: 0,
    expectedBaseVersion: 0,
    rangeHashes: [],
    fromPath: '',
    path: '',
    mode: 'regular',
    eol: 'lf',
    bom: false,
    content: undefined,
    ...step,
    changes: (step.changes ?? []).map((each) => ({ ...each })),
  }));
  return { batchId: world.nextId(), author: '', turn: '', steps: whole };
}

export function textContent(text: string): Step['content'] {
  return { kind: 'text', eol: 'lf', bom: false, text, bytes: new Uint8Array() };
}

/** What was told, op by op. */
export function outcomes(result: CallResult): readonly string[] {
  return result.inserted('op_outcome').map(({ outcome }) => outcome);
}

/** Path and text of all living files. */
export function filesOf(world: TestWorld): Record<string, string> {
  const living = world.rows('file_head').filter(({ deleted }) => !deleted);
  const texts = living.map(({ path, fileId, kind }) => {
    return [path, kind === 'text' ? world.text(fileId) : '(bytes)'] as const;
  });
  return Object.fromEntries(texts.sort(([one], [other]) => (one < other ? -1 : 1)));
}
