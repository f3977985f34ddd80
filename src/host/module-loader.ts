import vm from 'node:vm';
import { moduleContext, type Strictness } from './module-context.ts';
import { linkBundle } from './module-linker.ts';
import type { SystemCalls } from './system-calls.ts';

/** What a module offers its host, as SpacetimeDB defines it. */
export interface ModuleHooks {
  __describe_module__(): Uint8Array;
  __get_error_constructor__(code: number): new (message: string) => Error;
  readonly __sender_error_class__: new (message: string) => Error;
  __call_reducer__(
    reducer: number,
    sender: bigint,
    connectionId: bigint,
    timestampMicros: bigint,
    args: DataView,
  ): void;
  __call_procedure__(
    procedure: number,
    sender: bigint,
    connectionId: bigint,
    timestampMicros: bigint,
    args: Uint8Array,
  ): Uint8Array;
  __call_http_handler__?(
    handler: number,
    timestampMicros: bigint,
    request: Uint8Array,
    body: Uint8Array,
  ): readonly [response: Uint8Array, body: Uint8Array];
}

/** Thrown when a bundle is no module that this host can run; the message says why. */
export class BadModuleError extends Error {}

/** A published bundle, compiled: each evaluation makes an instance with globals of its own. */
export class ModuleProgram {
  readonly #script: vm.Script;
  readonly #imports: readonly string[];
  readonly #strictness: Strictness;

  /** Throws {@link BadModuleError}. */
  constructor(source: string, strictness: Strictness) {
    const { code, imports } = linkBundle(source);
    this.#strictness = strictness;
    this.#imports = imports;
    this.#script = loading(() => new vm.Script(code, { filename: 'module.js' }));
  }

  /**
   * Runs the bundle in a context of its own and returns its hooks. Throws {@link BadModuleError}.
   * The context keeps an instance's globals to itself; it is no security border.
   */
  instantiate(calls: SystemCalls): ModuleHooks {
    const moduleHooks = Symbol('moduleHooks');
    const systemModules: Readonly<Record<string, object>> = {
      'spacetime:sys@2.0': { ...calls.version20, moduleHooks },
      'spacetime:sys@2.1': calls.version21,
    };
    const imports = this.#imports.map((name) => {
      const module = systemModules[name];
      if (module === undefined) throw new BadModuleError(`there is nothing to import as ${name}`);
      return module;
    });
    return loading(() => {
      const evaluate = this.#script.runInContext(moduleContext(this.#strictness)) as (
        ...imports: object[]
      ) => Record<string, unknown>;
      return hooksOf(evaluate(...imports), moduleHooks);
    });
  }
}

function loading<Result>(load: () => Result): Result {
  try {
    return load();
  } catch (error) {
    if (error instanceof BadModuleError) throw error;
    const { message, stack } = (error ?? {}) as { message?: unknown; stack?: unknown };
    const place = /module\.js:\d+(?::\d+)?/.exec(String(stack))?.[0];
    const reason = `${String(message ?? error)}${place === undefined ? '' : ` at ${place}`}`;
    throw new BadModuleError(`the module does not load: ${reason}`, { cause: error });
  }
}

function hooksOf(exported: Record<string, unknown>, moduleHooks: symbol): ModuleHooks {
  const schema = exported['default'] as Record<symbol, unknown> | undefined | null;
  const makeHooks = schema?.[moduleHooks];
  if (typeof makeHooks !== 'function') {
    throw new BadModuleError('the bundle has no schema as its default export');
  }
  return (makeHooks as (this: unknown, exports: object) => ModuleHooks).call(schema, exported);
}
