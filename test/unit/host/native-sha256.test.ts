import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { before, test } from 'node:test';
import vm from 'node:vm';
import { build } from 'esbuild';
import fc from 'fast-check';
import type { Hash, TextHash } from '../../../src/core/hash.ts';
import { linkBundle } from '../../../src/host/module-linker.ts';
import { ModuleProgram } from '../../../src/host/module-loader.ts';
import type { SystemCalls } from '../../../src/host/system-calls.ts';

/** The module's hash as it is bundled, and whether it is the one that the host gave. */
interface Bundled {
  readonly hash: Hash;
  readonly isNative: boolean;
  readonly hashText: TextHash | undefined;
  readonly ModuleBytes: typeof Uint8Array;
}

const entry = `
import { moduleHooks } from 'spacetime:sys@2.0';
import { hash } from './hash.ts';
const isNative = hash === globalThis.nativeSha256;
export default { [moduleHooks]: () => ({
  hash, isNative, hashText: globalThis.nativeSha256, ModuleBytes: Uint8Array,
})  };
`;

let source: string;

before(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: entry,
      loader: 'ts',
      resolveDir: fileURLToPath(new URL('../../../spacetimedb/src', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: ['spacetime:*'],
  });
  source = outputFiles[0]!.text;
});

test('the module hashes natively in the embedded host, to bytes of its own realm', () => {
  const { hash, isNative, ModuleBytes } = inHost();
  assert.ok(isNative);
  assert.ok(hash(new ModuleBytes(3)) instanceof ModuleBytes);
});

test('it hashes a text to what its bytes in UTF-8 hash to', () => {
  const { hashText } = inHost();
  assert.equal(elsewhere().hashText, undefined);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const expected = createHash('sha256').update(new TextEncoder().encode(text)).digest('hex');
      assert.equal(Buffer.from(hashText!(text)).toString('hex'), expected);
    }),
  );
});

test('with and without a native hash the module comes to the same bytes', () => {
  const native = inHost();
  const alone = elsewhere();
  assert.ok(!alone.isNative);
  const data = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 5_000 }));
  fc.assert(
    fc.property(data, fc.nat({ max: 70 }), (bytes, from) => {
      // A view into a longer buffer, as the encoders hand it over.
      const view = bytes.subarray(Math.min(from, bytes.length));
      const expected = createHash('sha256').update(view).digest('hex');
      for (const { hash, ModuleBytes } of [native, alone]) {
        const own = new ModuleBytes(bytes).subarray(bytes.length - view.length);
        assert.equal(Buffer.from(hash(own)).toString('hex'), expected);
      }
    }),
  );
});

/** In the context that the embedded host makes. */
function inHost(): Bundled {
  const calls = { version20: {}, version21: {} } as unknown as SystemCalls;
  return new ModuleProgram(source, 'strict').instantiate(calls) as unknown as Bundled;
}

/** In a context that gives no hash, like SpacetimeDB's. */
function elsewhere(): Bundled {
  const moduleHooks = Symbol('moduleHooks');
  const link = vm.runInNewContext(linkBundle(source).code, { TextEncoder }) as (
    sys: object,
  ) => Record<string, Record<symbol, () => Bundled>>;
  return link({ moduleHooks })['default']![moduleHooks]!();
}
