/** Owns: what a hook is answered where no server runs for its folder: that folder is kept from then on. */
import type { HookRequest } from '../agents/hooks/hook-address.ts';
import { hookForm } from '../agents/hooks/hook-forms.ts';
import { wakeMirror } from './wake-mirror.ts';

/** Before a client's first tool its server may just be starting: nothing is said then. */
export async function unservedAnswer(
  home: string,
  cwd: string,
  request: HookRequest,
): Promise<string> {
  const text = await wakeMirror(home, cwd);
  const form = hookForm(request.client);
  const kind = form?.eventOf(request.input, request.event ?? '')?.kind;
  if (text === '' || !(kind === 'writing' || kind === 'wrote' || kind === 'read')) return '';
  const output = form?.output(request.input, { kind: 'told', text });
  return output === undefined ? '' : JSON.stringify(output);
}
