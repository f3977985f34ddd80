import { CLAUDE_FORM } from './claude.ts';
import type { HookForm } from './hook-event.ts';

const FORMS: ReadonlyMap<string, HookForm> = new Map([['claude', CLAUDE_FORM]]);

/** The form of a client that has hooks, as a command line names it. */
export function hookForm(client: string): HookForm | undefined {
  return FORMS.get(client);
}
