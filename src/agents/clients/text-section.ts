/**
 * Owns: a section of ours in a text of somebody else, such as what a user tells all agents of a client. All
 * else in the file stays byte for byte as it is. Does not know: what the section says.
 */
import {
  BYTE_ORDER_MARK,
  changeFile,
  type ConfigChange,
  contentOf,
  takeBack,
} from './config-file.ts';

const BEGIN = '<!-- agent-world: begin. "agent-world agents remove" takes this section out. -->';
const END = '<!-- agent-world: end -->';
const SECTION = /^<!-- agent-world: begin.*\r?\n(?:.*\r?\n)*?<!-- agent-world: end -->(?:\r?\n|$)/m;

/** Puts the section at the end, or in the place of the one that is there. Throws `WorldError`. */
export function putSection(file: string, lines: readonly string[]): Promise<ConfigChange> {
  return changeFile(file, (text) => {
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    const section = [BEGIN, ...lines, END, ''].join(eol);
    const others = text.replace(SECTION, '');
    if (others !== text) return text.replace(SECTION, () => section);
    const isEmpty = text === '' || text === BYTE_ORDER_MARK;
    const gap = isEmpty ? '' : text.endsWith('\n') ? eol : eol + eol;
    return text + gap + section;
  });
}

/** Takes it out. A file that nobody has changed meanwhile is again as it was before. */
export function takeSection(file: string, change: ConfigChange): Promise<void> {
  return takeBack(file, change, (text) => {
    const match = SECTION.exec(text);
    if (!match) return text;
    const before = text.slice(0, match.index);
    const after = text.slice(match.index + match[0].length);
    // The empty line above came with it.
    return before.replace(/(\r?\n)\r?\n$/, '$1') + after;
  });
}

/** True where the file has the section. */
export async function hasSection(file: string): Promise<boolean> {
  return SECTION.test((await contentOf(file)) ?? '');
}
