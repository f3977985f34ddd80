/** Owns: what agents are told of working in a world, where their client reads it. Does not know: where that is. */
import { NOTICES_FILE } from '../../world/own-names.ts';

/**
 * Lines of Markdown. They hold for every folder that the client is started in, so they say where they apply.
 * `hasHooks`: the client's hooks tell the agent what happened.
 */
export function agentRules(hasHooks: boolean): readonly string[] {
  return [...RULES, ...(hasHooks ? [] : NOTICES)];
}

const RULES: readonly string[] = [
  '## Agent World',
  '',
  'Where the server `agent-world` is there, people and other agents edit the same files at the same time.',
  'Elsewhere none of this applies.',
  '',
  '- Before you edit a file, read it again if others may have changed it. Change small places; do not write a',
  '  whole file from an old copy.',
  '- What meets the work of others becomes a ticket. Before you end, look at your tickets: make the edit again',
  '  beside their text, or withdraw it.',
  '- Claim what you are about to rewrite, with the tool `claim`. Leave alone what others have claimed.',
  '- Builds and tests read one text from beginning to end by `agent-world run-held -- COMMAND`, where that is installed.',
  '- Do not commit, switch branches or reset with git: the person exports with `agent-world export`.',
];

const NOTICES: readonly string[] = [
  `- The file \`${NOTICES_FILE}\` in the root of your folder, where it is there, tells what others changed and said, and`,
  '  which of your writes were refused. Read it before you edit, and before you end.',
];
