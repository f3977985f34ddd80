import { jsonFields } from './json-fields.ts';

/** Why a world refused a call; `code` is stable, `details` what the module added for programs. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Reads a refusal as the module writes it: `code: message for a person`, then optionally a JSON
 * object on a line of its own. Anything else keeps its text under the code `refused`.
 */
export function parseRefusal(text: string): Refusal {
  const newline = text.indexOf('\n');
  const firstLine = newline < 0 ? text : text.slice(0, newline);
  const match = /^([a-z][a-z0-9_]*): ?(.*)$/.exec(firstLine);
  if (!match) return { code: 'refused', message: text, details: {} };
  const details = newline < 0 ? {} : jsonFields(text.slice(newline + 1));
  return { code: match[1]!, message: match[2]!, details };
}
