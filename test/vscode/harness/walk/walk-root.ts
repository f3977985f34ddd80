import fs from 'node:fs';
import path from 'node:path';
import { AgentSession } from '../../../../src/agents/agent-session.ts';
import { joinAgent } from '../../../../src/agents/join-agent.ts';
import { downloadParts } from '../../../../src/world/download-log.ts';
import { DRAFT_SUFFIX } from '../../../../src/world/own-names.ts';
import { readFile } from '../../../../src/world/file-reader.ts';
import { readHeadSeq } from '../../../../src/world/read-head.ts';
import { readTicket } from '../../../../src/world/read-ticket.ts';
import { standingRestorations } from '../../../../src/world/restorations.ts';
import { contentBytes } from '../../../../src/world/text-format.ts';
import type { WorldSession } from '../../../../src/world/world-session.ts';
import type { LiveFolder } from '../live-folder.ts';

/** A file as the world has it. */
export interface WorldFile {
  readonly bytes: Buffer;
  /** Undefined for what is no text to the world. */
  readonly text: string | undefined;
}

/** A folder of the window, the world that it is in, and an agent there. */
export class WalkRoot {
  readonly name: string;
  readonly folder: string;
  readonly session: WorldSession;
  readonly agent: AgentSession;

  static async enter(live: LiveFolder, folder: string, session: WorldSession): Promise<WalkRoot> {
    const agent = await joinAgent(live.surroundings, session, live.server, {
      name: 'walker',
      displayName: 'walker',
      color: '',
    });
    return new WalkRoot(live, folder, session, agent);
  }

  private constructor(
    { surroundings }: LiveFolder,
    folder: string,
    session: WorldSession,
    agent: WorldSession,
  ) {
    this.name = path.basename(folder);
    this.folder = folder;
    this.session = session;
    this.agent = new AgentSession({ session: agent, randomBytes: surroundings.randomBytes });
  }

  close(): void {
    this.agent.session.close();
    this.session.close();
  }

  /** Whoever asks for the newest op has heard of all before it. */
  async caughtUp(): Promise<void> {
    await readHeadSeq(await this.session.whenOnline());
  }

  async worldFiles(): Promise<ReadonlyMap<string, WorldFile>> {
    const { view } = this.session;
    const link = await this.session.whenOnline();
    const files = new Map<string, WorldFile>();
    for (const { fileId, path: name, deleted, eol, bom } of view.files.values()) {
      if (deleted) continue;
      const content = await readFile(link, view, fileId);
      const text = content.kind === 'text' ? content.text.toString() : undefined;
      const bytes =
        content.kind === 'text'
          ? contentBytes({ kind: 'text', text: content.text.toString(), eol, bom })
          : content.bytes;
      files.set(name, { bytes: Buffer.from(bytes), text });
    }
    return files;
  }

  /** What stands on disk, but for what Agent World keeps there for itself. */
  diskFiles(): ReadonlyMap<string, Buffer> {
    const files = new Map<string, Buffer>();
    for (const entry of fs.readdirSync(this.folder, { recursive: true, withFileTypes: true })) {
      const name = path.relative(this.folder, path.join(entry.parentPath, entry.name));
      if (!entry.isFile() || name.startsWith('.vscode') || name.endsWith(DRAFT_SUFFIX)) continue;
      const bytes = readIfThere(path.join(this.folder, name));
      if (bytes !== undefined) files.set(name, bytes);
    }
    return files;
  }

  /** What open tickets propose. */
  async proposed(): Promise<readonly string[]> {
    const link = await this.session.whenOnline();
    const texts: string[] = [];
    for (const ticket of this.session.view.tickets.values()) {
      const whole = await readTicket(link, ticket);
      const parts = whole?.parts ?? [];
      texts.push(...parts.flatMap(({ proposed }) => proposed.map(({ text }) => text)));
      const payload = whole?.payload ?? '';
      // A content that is proposed whole is named by the keys of its parts.
      const keys = payload.match(/\b[0-9a-f]{64}\b/g) ?? [];
      const stored = await downloadParts(link, [{ keys }]);
      texts.push(payload);
      for (const { text, bytes } of stored.values()) {
        texts.push(text ?? '', Buffer.from(bytes ?? []).toString('latin1'));
      }
    }
    return texts;
  }

  questions(): readonly string[] {
    return standingRestorations(this.session.view).map(
      ({ cause, items }) => `${cause}: ${items.map((item) => item.path).join(', ')}`,
    );
  }
}

/** Undefined for a file that was taken away meanwhile. */
function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
