import vm from 'node:vm';
import { nativeDigest } from './native-digest.ts';

/**
 * What a module may do: no more than SpacetimeDB lets it, or what this host let modules do in version
 * 0.1.0, whose worlds go on.
 */
export type Strictness = 'strict' | 'as_0.1.0';

/**
 * A global object with what SpacetimeDB gives modules and nothing of Node, and `nativeSha256`, which
 * is this host's own (`spacetimedb/src/hash.ts`). An ordinary global, not one that `vm` intercepts:
 * interception makes every use of a global ten times dearer.
 */
export function moduleContext(strictness: Strictness): vm.Context {
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
  const prepare = vm.runInContext(CONTEXT_SETUP, context, { filename: 'module-context.js' }) as (
    encodeInto: (text: string, target: Uint8Array) => { read: number; written: number },
    decode: (view: Uint8Array) => string,
    digest: (data: Uint8Array) => string,
    isStrict: boolean,
  ) => void;
  const encoder = new TextEncoder();
  prepare(
    (text, target) => encoder.encodeInto(text, target),
    (view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('utf8'),
    nativeDigest,
    strictness === 'strict',
  );
  return context;
}

/**
 * Runs inside the context, so that what it makes belongs there: `instanceof` of the module's own
 * `Uint8Array` must hold. Unlike the web's, this decoder keeps a byte order mark, as SpacetimeDB's.
 */
const CONTEXT_SETUP = `(function (encodeInto, decodeUtf8, digest, isStrict) {
  'use strict';
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  if (Symbol.dispose === undefined) define(Symbol, 'dispose', Symbol('Symbol.dispose'));
  delete Math.random;
  Object.defineProperty(Math, 'random', {
    configurable: true,
    get() {
      throw new TypeError(
        'Math.random is not available in SpacetimeDB modules. Use ctx.random instead.',
      );
    },
  });
  let scratch = new Uint8Array(65536);
  const encode = (text) => {
    if (text.length < 48) {
      const bytes = new Uint8Array(text.length);
      let index = 0;
      for (; index < text.length; index++) {
        const code = text.charCodeAt(index);
        if (code > 127) break;
        bytes[index] = code;
      }
      if (index === text.length) return bytes;
    }
    if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 3);
    return scratch.slice(0, encodeInto(text, scratch).written);
  };
  define(globalThis, 'TextEncoder', class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(input = '') { return encode(String(input)); }
  });
  define(globalThis, 'nativeSha256', (data) => {
    const characters = digest(data);
    const bytes = new Uint8Array(characters.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
    return bytes;
  });
  const viewOf = (input) => {
    if (ArrayBuffer.isView(input)) {
      return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    }
    if (input instanceof ArrayBuffer || input instanceof SharedArrayBuffer) {
      return new Uint8Array(input);
    }
    throw new TypeError('argument is not an \`ArrayBuffer\` or a view on one');
  };
  const decode = (view) => {
    if (view.length < 24) {
      let text = '';
      let index = 0;
      for (; index < view.length; index++) {
        if (view[index] > 127) break;
        text += String.fromCharCode(view[index]);
      }
      if (index === view.length) return text;
    }
    return decodeUtf8(view);
  };
  define(globalThis, 'TextDecoder', class TextDecoder {
    #fatal;
    constructor(label = 'utf-8', options = {}) {
      if (label !== 'utf-8') throw new RangeError('The encoding label provided is invalid');
      if (options.ignoreBOM && isStrict) throw new TypeError("Option 'ignoreBOM' not supported");
      this.#fatal = Boolean(options.fatal);
    }
    get encoding() { return 'utf-8'; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return false; }
    decode(input, options = {}) {
      if (options.stream) throw new TypeError("Option 'stream' not supported");
      const view = viewOf(input);
      const text = decode(view);
      if (this.#fatal && text.includes('\\ufffd')) {
        const again = encode(text);
        if (again.length !== view.length || again.some((byte, index) => byte !== view[index])) {
          throw new TypeError('the bytes are not valid UTF-8');
        }
      }
      return text;
    }
  });
})`;
