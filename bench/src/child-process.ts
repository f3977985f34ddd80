import { fork } from 'node:child_process';
import { once } from 'node:events';

interface RequestEnvelope {
  readonly id: number;
  readonly request: unknown;
}

type ResponseEnvelope =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };

/** A Node process of the bench that answers typed requests one after the other. */
export interface Child<Request, Response> {
  readonly processId: number;
  /** Rejects with the child's error, of the same `name`, or when the child ends before it answers. */
  request(request: Request): Promise<Response>;
  /** Lets the child end by itself, so that it can still write its profile, and waits for that. */
  stop(): Promise<void>;
}

/** Starts an ES module, TypeScript included, as a child process. */
export function startChild<Request, Response>(
  module: URL,
  execArgv: readonly string[] = [],
): Child<Request, Response> {
  const child = fork(module, { execArgv: [...execArgv], serialization: 'advanced' });
  const waiting = new Map<number, PromiseWithResolvers<Response>>();
  const exited = once(child, 'exit');
  let nextId = 0;

  child.on('message', (response: ResponseEnvelope) => {
    const deferred = waiting.get(response.id);
    waiting.delete(response.id);
    if ('error' in response) {
      deferred?.reject(Object.assign(new Error(response.error.message), response.error));
    } else {
      deferred?.resolve(response.result as Response);
    }
  });
  child.on('exit', (code, signal) => {
    for (const deferred of waiting.values()) {
      deferred.reject(new Error(`${module.pathname} ended early (${signal ?? code})`));
    }
    waiting.clear();
  });

  return {
    processId: child.pid ?? 0,
    request(request) {
      const deferred = Promise.withResolvers<Response>();
      if (!child.connected) throw new Error(`${module.pathname} is not running`);
      const envelope: RequestEnvelope = { id: nextId++, request };
      waiting.set(envelope.id, deferred);
      child.send(envelope);
      return deferred.promise;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/**
 * The child's side: answers the requests of the parent's `Child<Request, Response>`, and ends the
 * process when the parent lets go.
 */
export function answerRequests(answer: (request: never) => unknown): void {
  process.on('message', ({ id, request }: RequestEnvelope) => {
    const reply = (response: ResponseEnvelope) => process.send?.(response);
    Promise.resolve(request as never)
      .then(answer)
      .then(
        (result) => reply({ id, result }),
        (error: unknown) => reply({ id, error: describe(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
}

function describe(error: unknown): { name: string; message: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  return {
    name: error.name,
    message: error.name === 'Error' ? (error.stack ?? error.message) : error.message,
  };
}
