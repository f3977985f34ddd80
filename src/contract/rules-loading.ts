import assert from 'node:assert/strict';
import type { EngineProbe } from './engine-probe.ts';
import { rule, type Rule, type RuleGroup } from './rule.ts';

/** What a server takes for a module, and what it says of one that it does not take. */
export const loadingRules: RuleGroup = {
  subject: 'loading a module',
  rules: [
    rule('an error at the top level is answered with its text and place', async (probe) => {
      const source = await probe.modules.of(`
        import { schema } from 'spacetimedb/server';
        export default schema({});
        null.nothing;
      `);
      const text = await (await probe.publishNew(source)).answer.text();
      assert.match(text, /TypeError|Cannot read properties of null/);
      assert.match(text, /:\d+:\d+/);
    }),

    rule('a type name is used once, and a row type takes the name of its table', async (probe) => {
      const column = (name: string) => `part: t.object('${name}', { x: t.u32() })`;
      const refused = await publishing(probe, { columns: column('LogHead') });
      assert.ok(!refused.isTaken);
      assert.match(refused.text, /name `LogHead` is used for multiple types/);
      const taken = await publishing(probe, { columns: column('LogHeads') });
      assert.ok(taken.isTaken, taken.text);
    }),

    decoderRule(`new TextDecoder('utf-8', { fatal: true })`),
    decoderRule(`new TextDecoder('utf-8', { ignoreBOM: false })`),
    decoderRule(
      `new TextDecoder('utf-8', { ignoreBOM: true })`,
      /Option 'ignoreBOM' not supported/,
    ),
    decoderRule(`new TextDecoder('utf8')`, /The encoding label provided is invalid/),
    decoderRule(`new TextDecoder('UTF-8')`, /The encoding label provided is invalid/),
    decoderRule(`new TextDecoder('utf-16le')`, /The encoding label provided is invalid/),
    decoderRule(
      `new TextDecoder().decode(Uint8Array.of(65), { stream: true })`,
      /Option 'stream' not supported/,
    ),
    decoderRule(`new TextDecoder().decode()`, /argument is not an `ArrayBuffer` or a view on one/),
    rule('TextDecoder keeps a byte order mark', async (probe) => {
      const { isTaken, text } = await publishing(probe, {
        text: `if (new TextDecoder().decode(Uint8Array.of(0xef, 0xbb, 0xbf, 65)) !== '\\ufeffA')
          throw new Error('dropped');`,
      });
      assert.ok(isTaken, text);
    }),
  ],
};

/** Whether a module that runs this code when it is loaded is taken, or else with which words not. */
function decoderRule(code: string, refusal?: RegExp): Rule {
  return rule(`${code}: ${refusal?.source ?? 'taken'}`, async (probe) => {
    const { isTaken, text } = await publishing(probe, { text: code });
    assert.equal(isTaken, refusal === undefined, text);
    if (refusal !== undefined) assert.match(text, refusal);
  });
}

/** What comes of publishing a module with one table, `log_head`; `text` runs before everything else. */
async function publishing(
  probe: EngineProbe,
  { text = '', columns = '' },
): Promise<{ readonly isTaken: boolean; readonly text: string }> {
  const source = await probe.modules.of(`
    import { schema, table, t } from 'spacetimedb/server';
    ${text}
    const spacetimedb = schema({
      log_head: table({ name: 'log_head' }, { id: t.u32().primaryKey(), ${columns} }),
    });
    export default spacetimedb;
    export const look = spacetimedb.reducer({}, () => {});
  `);
  const { answer } = await probe.publishNew(source);
  return { isTaken: answer.status === 200, text: await answer.text() };
}
