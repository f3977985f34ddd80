/**
 * Owns: what is done about writes of a client's own tools, before and after: what the folder's mirror is told, and
 * what became of a write. Does not know: the client, claims.
 */
import { readFile, stat } from 'node:fs/promises';
import type { WorldView } from '../../world/world-view.ts';
import type { AgentTools } from '../tools/agent-tools.ts';
import type { WholeGround } from '../tools/native-files.ts';
import { refusedWriteText } from '../tools/refusal-reply.ts';
import { renderAnswer } from '../tools/render-answer.ts';
import type { FolderPort, TakenWrite } from './folder-port.ts';
import type { NativeWrite, WrittenText } from './hook-event.ts';

/** A file of the agent's folder. */
export interface FolderFile {
  /** In the world. */
  readonly path: string;
  /** On this disk. */
  readonly file: string;
}

export class HookWrites {
  readonly #folder: FolderPort;
  readonly #tools: AgentTools;
  readonly #view: WorldView;
  /** What tools are about to edit, by the file, for clients that do not tell what they made of it. */
  readonly #before = new Map<string, string>();
  /** What tools are about to read, by the path in the world. */
  readonly #reading = new Set<string>();

  constructor(folder: FolderPort, tools: AgentTools, view: WorldView) {
    this.#view = view;
    this.#folder = folder;
    this.#tools = tools;
  }

  /**
   * Why a whole text may not be written over what is there; undefined where it may. `ground`: what it would be made
   * on. `tellsReads`: the client tells what its tools read.
   */
  async reasonAgainst(
    { path, file }: FolderFile,
    ground: WholeGround | undefined,
    tellsReads: boolean,
  ): Promise<string | undefined> {
    if (ground === undefined || ground.tag === 'version') return undefined;
    if (!tellsReads && ground.tag !== 'mixed') return undefined;
    if (await isEmpty(file)) return undefined;
    return `${WHY_NOT[ground.tag](path)} Nothing was written. Read the whole file with your file tool, then write it, or edit it by quotes.`;
  }

  /** A tool is about to read: what is there when it has read is what it was shown. */
  async willRead(path: string): Promise<void> {
    if (this.#reading.size >= MOST_BEFORE) this.#reading.clear();
    this.#reading.add(path);
    await this.#folder.bring(path);
    await this.#folder.writing(path);
  }

  /** A tool has read. `needsStill`: it will not write over what changes from now on. */
  async hasRead(path: string, needsStill = false): Promise<void> {
    const wasKept = this.#reading.delete(path);
    if (needsStill) await this.#folder.writing(path);
    else if (wasKept) await this.#folder.take(path);
  }

  /** A tool is about to write. `isStill`: the file is as it was read, and has to stay so. */
  async willWrite({ path, file }: FolderFile, write: NativeWrite, isStill = false): Promise<void> {
    if (write.kind === 'whole') {
      const ground = await this.#tools.native.wholeGround(file);
      if (ground?.tag !== 'version') return this.#folder.writing(path);
      const { fileId, version } = ground;
      return this.#folder.writing(path, { fileId, version, text: write.text });
    }
    if (!isStill) await this.#folder.bring(path);
    await this.#folder.writing(path);
    if (this.#before.size >= MOST_BEFORE) this.#before.clear();
    const before = await textOf(file);
    if (before !== undefined) this.#before.set(file, before);
  }

  /** A tool has written; resolves with what became of that, empty where it is in the world or nobody knows. */
  async wrote({ path, file }: FolderFile, written: WrittenText | undefined): Promise<string> {
    // Nothing is put there before it is taken.
    const made = written ?? (await this.#madeOf(file));
    this.#before.delete(file);
    const taken = await this.#folder.take(path);
    await this.#tools.native.wrote(file, made);
    return taken ? this.#textOf(path, taken) : '';
  }

  async #madeOf(file: string): Promise<WrittenText | undefined> {
    const [before, text] = [this.#before.get(file), await textOf(file)];
    return before === undefined || text === undefined ? undefined : { text, before };
  }

  async #textOf(path: string, taken: TakenWrite): Promise<string> {
    switch (taken.tag) {
      case 'ticketed': {
        const { ticketId } = taken;
        const answer = await this.#tools.tickets({ ticket: ticketId });
        const texts = renderAnswer({ ...answer, world: undefined });
        return `[ticket] Your write to ${path} meets what others wrote: it waits as ticket ${ticketId}, and the file has the world's text. Settle it with the tool tickets, or write it again on the new text.\n${texts}`;
      }
      case 'refused':
        return refusedWriteText(this.#view, path, taken);
      case 'waits':
        return `[waits] Your write to ${path} puts old text back over what others did: others keep what they have until somebody answers (agent-world restorations). Read the file again, and tell the person whom you work for.`;
      default:
        return '';
    }
  }
}

const WHY_NOT = {
  unread: (path: string) => `${path} is there already, and you have not read it.`,
  partly: (path: string) => `${path} is there already, and you have not read all of it.`,
  mixed: (path: string) => `You have not seen ${path} as it is now; others changed it, too.`,
} as const;

/** Undefined for what cannot be read, or is too long to be looked at with each write. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size > MOST_BYTES ? undefined : await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

const MOST_BYTES = 1024 * 1024;
const MOST_BEFORE = 16;

/** Also where there is none. */
async function isEmpty(file: string): Promise<boolean> {
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined || bytes.length === 0;
}
