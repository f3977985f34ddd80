import assert from 'node:assert/strict';
import type { EngineProbe } from './engine-probe.ts';
import { rule, type RuleGroup } from './rule.ts';

/** What a module finds in its global object. */
export const globalRules: RuleGroup = {
  subject: 'the global object of a module',
  rules: [
    rule('it has the names of the list, and no others', async (probe) => {
      const found = await thrownBy(
        probe,
        `Object.getOwnPropertyNames(globalThis).sort().join(' ')`,
      );
      const own = probe.engine === 'embedded' ? ['nativeSha256'] : [];
      assert.deepEqual(found.split(' '), [...GLOBAL_NAMES, ...ADDED_BY_LIBRARY, ...own].sort());
    }),

    rule('the console has the methods of the list, and no others', async (probe) => {
      const found = await thrownBy(probe, `Object.keys(console).sort().join(' ')`);
      assert.deepEqual(found.split(' '), [...CONSOLE_METHODS].sort());
    }),

    rule('what is not there is a ReferenceError', async (probe) => {
      const absent = ['queueMicrotask', 'setTimeout', 'setInterval', 'setImmediate', 'performance'];
      absent.push('crypto', 'URL', 'atob', 'structuredClone', 'Temporal', 'Headers', 'fetch');
      absent.push('process', 'Buffer');
      const tried = absent.map(
        (name) => `(() => { try { ${name}; return '${name}'; }
        catch (error) { return error instanceof ReferenceError ? '' : '${name}: ' + error; } })()`,
      );
      assert.equal(await thrownBy(probe, `[${tried.join(',')}].join('')`), '');
    }),

    rule('there is no randomness, and an encoder has no encodeInto', async (probe) => {
      const random = `(() => { try { return Math.random; } catch (error) { return error; } })()`;
      assert.equal(
        await thrownBy(probe, random),
        'TypeError: Math.random is not available in SpacetimeDB modules. Use ctx.random instead.',
      );
      const methods = `Object.getOwnPropertyNames(TextEncoder.prototype).sort().join(' ')`;
      assert.equal(await thrownBy(probe, methods), 'constructor encode encoding');
    }),

    rule('what the list has works', async (probe) => {
      const parts = [
        `new Intl.NumberFormat('de-DE').format(1234.5)`,
        `typeof WebAssembly.Module`,
        `(0, eval)('1 + 1')`,
        `new SharedArrayBuffer(8).byteLength`,
        `[...new Set([1, 2]).union(new Set([3]))].join()`,
        `[1, 2, 3].values().map((each) => each * 2).toArray().join()`,
        `new Float16Array([1.5])[0]`,
      ];
      assert.equal(
        await thrownBy(probe, `[${parts.join(',')}].join(' ')`),
        '1.234,5 function 2 8 1,2,3 2,4,6 1.5',
      );
    }),
  ],
};

/** The text of what a module throws when it is loaded. */
async function thrownBy(probe: EngineProbe, code: string): Promise<string> {
  const source = await probe.modules.of(`
    import { schema } from 'spacetimedb/server';
    export default schema({});
    throw new Error('<<' + (${code}) + '>>');
  `);
  const { answer } = await probe.publishNew(source);
  const text = await answer.text();
  assert.notEqual(answer.status, 200);
  return /<<(.*)>>/s.exec(text)?.[1] ?? text;
}

const GLOBAL_NAMES = `AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt
  BigInt64Array BigUint64Array Boolean DataView Date DisposableStack Error EvalError
  FinalizationRegistry Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array
  Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError
  Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError TextDecoder
  TextEncoder TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef
  WeakSet WebAssembly console decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval
  globalThis isFinite isNaN parseFloat parseInt undefined unescape`.split(/\s+/);
const ADDED_BY_LIBRARY = ['global', 'window'];
const CONSOLE_METHODS = `assert clear debug error info log table trace warn dir dirxml count
  countReset group groupCollapsed groupEnd time timeLog timeEnd timeStamp profile
  profileEnd`.split(/\s+/);
