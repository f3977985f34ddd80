import { type BytePath, showBytePath } from './byte-path.ts';
import { type ExportQuestion, exportSetting, planned } from './export-world.ts';
import { type FoundSecret, findSecrets } from './find-secrets.ts';
import { signatureOf } from './git-person.ts';
import type { FileTrace } from './planned-commit.ts';
import type { TreeChange } from './tree-state.ts';
import { treeOfParents, withTree } from './with-tree.ts';

/** A file that an export changes, by its path from the repository's root. */
export interface PreviewChange {
  readonly path: string;
  /** What the parent has, and what the export would put there; undefined for nothing. */
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}

export interface PreviewCommit {
  /** Name and address. */
  readonly author: string;
  /** Trailers included. */
  readonly message: string;
  readonly files: number;
}

/** What an export would be, before anything is written. */
export interface ExportPreview {
  /** The op that it would go up to: to be named by whoever then wants exactly this. */
  readonly upTo: number;
  readonly parents: readonly string[];
  readonly commits: readonly PreviewCommit[];
  /** All commits together. */
  readonly changes: readonly PreviewChange[];
  /** What looks like a key in lines that were written since the export before. */
  readonly secrets: readonly FoundSecret[];
}

/** Plans an export without making it. Throws like `exportWorld`. */
export async function previewExport(question: ExportQuestion): Promise<ExportPreview> {
  const { repository, history, signal } = question;
  const { frame, parents, base, range } = await exportSetting(question);
  const parent = await treeOfParents(repository, parents);
  const original = new Map(parent);
  const setting = { repository, frame, parent, base: base?.commit };
  return withTree(setting, async ({ tree, blobs }) => {
    const commits: PreviewCommit[] = [];
    const last = new Map<BytePath, TreeChange>();
    const traces: FileTrace[] = [];
    for await (const commit of planned(history, range, signal)) {
      const steps = await tree.step(commit);
      traces.push(...commit.traces);
      if (steps.length === 0 && !(commits.length === 0 && parents.length > 1)) continue;
      const { author, message } = commit;
      commits.push({ author: signatureOf(author), message, files: steps.length });
      for (const step of steps) last.set(step.path, step);
    }
    const changes: PreviewChange[] = [];
    for (const [path, { entry, bytes }] of [...last].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const was = original.get(path);
      if (was?.id === entry?.id && was?.mode === entry?.mode) continue;
      const before = was && (await blobs.read(was.id));
      const after = entry && (bytes ?? (await blobs.read(entry.id)));
      changes.push({ path: showBytePath(path), before, after });
    }
    const secrets = await findSecrets(changes, traces, frame.folder);
    return { upTo: range.upTo, parents, commits, changes, secrets };
  });
}
