/** Owns: what a client asks a person's permission for, until somebody answers or it does not matter any more. */
import { listAt, textAt } from '../agents/hooks/input-fields.ts';
import type { PermissionOption, PermissionOutcome, ToolCall } from './agent-run.ts';
import { oneLine } from './cut-text.ts';
import type { RunEntries } from './run-entries.ts';

interface RunPermissionsOptions {
  readonly entries: RunEntries;
  /** Whether some are open may have changed. */
  readonly onOpen: () => void;
}

interface Question {
  readonly tool: ToolCall;
  readonly options: readonly PermissionOption[];
  readonly answer: (outcome: PermissionOutcome) => void;
}

export class RunPermissions {
  readonly #options: RunPermissionsOptions;
  /** By the entry. */
  readonly #open = new Map<string, Question>();

  constructor(options: RunPermissionsOptions) {
    this.#options = options;
  }

  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves when somebody has answered, or nobody will. */
  ask(tool: ToolCall, given: unknown, aborted: AbortSignal): Promise<PermissionOutcome> {
    const options = optionsFrom(given);
    return new Promise((resolve) => {
      const { entries, onOpen } = this.#options;
      const content = { kind: 'permission', tool, options } as const;
      const id = entries.add({ ...content, outcome: { tag: 'open' } });
      const onAbort = (): void => this.#close(id, { tag: 'cancelled' });
      aborted.addEventListener('abort', onAbort, { once: true });
      const answer = (outcome: PermissionOutcome): void => {
        aborted.removeEventListener('abort', onAbort);
        entries.replace(id, { ...content, outcome });
        resolve(outcome);
      };
      this.#open.set(id, { tool, options, answer });
      if (aborted.aborted) onAbort();
      else onOpen();
    });
  }

  /** False where that is no open question, or not one of its options. */
  answer(id: string, optionId: string): boolean {
    const question = this.#open.get(id);
    if (!question?.options.some((option) => option.optionId === optionId)) return false;
    this.#close(id, { tag: 'selected', optionId });
    return true;
  }

  /** Nobody answers any more. */
  cancel(): void {
    for (const id of this.#open.keys()) this.#close(id, { tag: 'cancelled' });
  }

  #close(id: string, outcome: PermissionOutcome): void {
    const question = this.#open.get(id);
    if (!question) return;
    this.#open.delete(id);
    question.answer(outcome);
    this.#options.onOpen();
  }
}

function optionsFrom(given: unknown): readonly PermissionOption[] {
  return listAt({ given }, 'given')
    .slice(0, MOST_OPTIONS)
    .flatMap((option) => {
      const optionId = textAt(option, 'optionId');
      const kind = KINDS.find((each) => each === textAt(option, 'kind')) ?? 'reject_once';
      if (optionId === undefined) return [];
      return [{ optionId, kind, name: oneLine(textAt(option, 'name') ?? optionId) }];
    });
}

const KINDS = ['allow_once', 'allow_always', 'reject_once', 'reject_always'] as const;
const MOST_OPTIONS = 20;
