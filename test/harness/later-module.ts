import assert from 'node:assert/strict';

/**
 * The bundle of a later version that has one column more in each of these tables: clients of today
 * cannot read their rows.
 */
export function withColumnMore(
  bundle: Uint8Array<ArrayBuffer>,
  ...tables: readonly string[]
): Uint8Array<ArrayBuffer> {
  const source = tables.reduce((text, table) => {
    const columns = new RegExp(`(name: "${table}"[^]*?: (\\w+)\\.\\w+\\(\\)[^]*?)(\\n {6}\\}\\n)`);
    const next = text.replace(
      columns,
      (_all, before: string, types: string, end: string) =>
        `${before},\n        hint: ${types}.option(${types}.string()).default(undefined)${end}`,
    );
    assert.notEqual(next, text, `the module has no table ${table}`);
    return next;
  }, new TextDecoder().decode(bundle));
  return new TextEncoder().encode(source);
}
