import { connectWorld } from './bindings.ts';
import type { Clock } from './clock.ts';
import { askHello, checkProtocol } from './hello.ts';
import { Link } from './link.ts';
import { LinkFailure } from './link-failure.ts';
import type { WorldLog } from './log.ts';
import { WorldError } from './world-error.ts';

export interface LinkOptions {
  readonly uri: string;
  readonly database: string;
  readonly token: string;
  readonly clock: Clock;
  readonly log: WorldLog;
  /** How long the server may take to let us in. */
  readonly timeoutMs: number;
  /** Gives up connecting. */
  readonly signal?: AbortSignal;
  /** Called once, after `openLink` resolved. */
  readonly onEnd: () => void;
  /** Something that was asked has had no answer for long, or nothing any more. */
  readonly onSlow?: (isSlow: boolean) => void;
}

/**
 * Connects once, and learns what the world's module can do. Rejects with `LinkFailure` when nobody
 * answers, the server refuses, or it drops the connection before it is one; with `WorldError`
 * `protocol_mismatch` or `unreadable` where this client could not read the world.
 */
export function openLink(options: LinkOptions): Promise<Link> {
  const { clock, log } = options;
  if (options.signal?.aborted) return Promise.reject(givenUp());
  return new Promise((resolve, reject) => {
    let link: Link | undefined;
    let status: number | undefined;
    let broken: WorldError | undefined;
    const giveUp = new AbortController();
    const cancelled = (): void => fail(givenUp());
    const settle = (): void => {
      cancelTimeout();
      options.signal?.removeEventListener('abort', cancelled);
    };
    const onSilent = (): void => log.warn('world.silent', { database: options.database });
    const fail = (error: unknown): void => {
      settle();
      giveUp.abort();
      reject(error);
      connection.disconnect();
    };
    const cancelTimeout = clock.after(options.timeoutMs, () =>
      fail(new LinkFailure(`no connection within ${options.timeoutMs} ms`)),
    );
    options.signal?.addEventListener('abort', cancelled);
    // Asked while the connection is being made; what it says counts once there is one.
    const level = askLevel(options, giveUp.signal);
    level.catch(() => {});
    const connection = connectWorld({
      ...options,
      onHeard: () => link?.heard(),
      onRefused: (refusedWith) => (status = refusedWith),
      onBroken(error) {
        log.error('world.bad_message', { database: options.database, error: String(error) });
        broken = unreadable(options.database, error);
      },
      onConnect(connected) {
        const open = (moduleLevel: number): void => {
          if (giveUp.signal.aborted) return;
          settle();
          link = new Link(connected, { onSlow: () => {}, ...options, moduleLevel, onSilent });
          resolve(link);
        };
        level.then(open, fail);
      },
      onEnd(error) {
        if (link) link.ended(broken);
        else fail(broken ?? new LinkFailure('the connection was dropped', status, error));
      },
    });
  });
}

function givenUp(): LinkFailure {
  return new LinkFailure('connecting was given up');
}

function unreadable(database: string, cause: unknown): WorldError {
  const message = `This Agent World cannot read what the world ${database} sends; a later version may`;
  return new WorldError('unreadable', message, { cause });
}

/** Throws `WorldError` `unreachable`, `not_a_world` or `protocol_mismatch`, or `LinkFailure`. */
async function askLevel(
  { uri, database, timeoutMs }: LinkOptions,
  signal: AbortSignal,
): Promise<number> {
  const hello = await askHello({ uri, database, identity: '', signal, timeoutMs });
  if (typeof hello === 'number') {
    throw new LinkFailure(`the world did not say what it is (HTTP ${hello})`);
  }
  const mismatch = checkProtocol(hello.protocolVersion);
  if (mismatch) throw mismatch;
  return hello.moduleLevel;
}
