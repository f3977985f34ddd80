/** A file as Jupyter writes it, as far as it is looked at. */
interface JupyterFile {
  readonly cells?: unknown;
}

/**
 * False where the bytes are a Jupyter notebook with other cells than these texts; of any other kind of notebook
 * nobody knows. Blank space does not count: each editor has its own.
 */
export function hasCells(bytes: Uint8Array, texts: readonly string[]): boolean {
  const sources = sourcesIn(bytes);
  if (sources === undefined) return true;
  const shown = texts.map(plain).filter((text) => text !== '');
  return sources.length === shown.length && sources.every((text, index) => text === shown[index]);
}

function sourcesIn(bytes: Uint8Array): readonly string[] | undefined {
  try {
    const file = JSON.parse(new TextDecoder().decode(bytes)) as JupyterFile | null;
    const cells = file?.cells;
    if (!Array.isArray(cells)) return undefined;
    return cells.map((cell) => plain(sourceOf(cell))).filter((text) => text !== '');
  } catch {
    // It is written in some other way.
    return undefined;
  }
}

function sourceOf(cell: unknown): string {
  const source = (cell as { readonly source?: unknown } | null)?.source;
  if (Array.isArray(source)) return source.join('');
  return typeof source === 'string' ? source : '';
}

function plain(text: string): string {
  return text.replaceAll(/\s/g, '');
}
