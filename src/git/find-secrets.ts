import type { FileTrace, TracedLines } from './planned-commit.ts';

/** What looks like a key or a password. The text itself is never told. */
export interface FoundSecret {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** What kind of key, as the rule names it. */
  readonly kind: string;
}

/**
 * Looks through the lines that were written since the export before, by secretlint's recommended
 * rules. Lines that the base had already are no news.
 */
export async function findSecrets(
  traces: readonly FileTrace[],
  textAt: (path: string) => Promise<string | undefined>,
): Promise<readonly FoundSecret[]> {
  const { lintSource } = await import('@secretlint/core');
  const { creator } = await import('@secretlint/secretlint-rule-preset-recommend');
  const rules = [{ id: creator.meta.id, rule: creator }];
  const found: FoundSecret[] = [];
  const written = new Map<string, TracedLines[]>();
  for (const { path, lines } of traces) {
    written.set(path, [...(written.get(path) ?? []), ...lines]);
  }
  for (const [path, lines] of written) {
    const content = await textAt(path);
    if (content === undefined) continue;
    const source = {
      content,
      filePath: path,
      ext: extensionOf(path),
      contentType: 'text',
    } as const;
    const { messages } = await lintSource({
      source,
      options: { config: { rules }, maskSecrets: true, noPhysicFilePath: true },
    });
    for (const { loc, messageId } of messages) {
      const { start, end } = loc;
      const isNew = lines.some((run) => run.firstLine <= end.line && start.line <= run.lastLine);
      if (isNew) found.push({ path, line: loc.start.line, kind: messageId });
    }
  }
  return found;
}

function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
}
