import { LEASE_MS } from '../core/path-claim.ts';
import type { CancelTimer } from '../world/clock.ts';
import type { StopListening } from '../world/listeners.ts';
import { hasPathClaims } from '../world/path-claims.ts';
import type { WorldSession } from '../world/world-session.ts';

/**
 * Renews an agent's leases for as long as somebody holds its session: its MCP server, or a turn that hooks
 * began. One call renews all of them. There is a timer only while it is held and the agent has a lease.
 */
export class LeaseKeeper {
  readonly #session: WorldSession;
  readonly #stops: readonly StopListening[];
  readonly #holders = new Set<symbol>();
  #cancel: CancelTimer | undefined;

  constructor(session: WorldSession) {
    const { view } = session;
    this.#session = session;
    this.#stops = [
      view.pathClaims.claims.onChange(() => this.#wind()),
      view.pathClaims.leases.onChange(() => this.#wind()),
      session.onState(({ tag }) => {
        // Nobody could renew them meanwhile.
        if (tag === 'online' && this.#isNeeded) void this.#renew();
      }),
    ];
  }

  /** Somebody holds the session from now on, until what is returned is called. */
  hold(): () => void {
    const holder = Symbol('holder');
    this.#holders.add(holder);
    if (this.#cancel === undefined && this.#isNeeded) void this.#renew();
    return () => {
      this.#holders.delete(holder);
      this.#wind();
    };
  }

  /** Nobody holds it any more: leases end by themselves. */
  dispose(): void {
    this.#holders.clear();
    for (const stop of this.#stops) stop();
    this.#wind();
  }

  get #isNeeded(): boolean {
    if (this.#holders.size === 0 || !hasPathClaims(this.#session)) return false;
    const { view, identity } = this.#session;
    const isOwn = ({ holder }: { readonly holder: string }): boolean => holder === identity;
    for (const claim of view.pathClaims.claims.values()) {
      if (claim.isLease && isOwn(claim)) return true;
    }
    for (const lease of view.pathClaims.leases.values()) if (isOwn(lease)) return true;
    return false;
  }

  async #renew(): Promise<void> {
    this.#stopTimer();
    // What was lost is made good by the next one, or by the next connection.
    const { tag } = await this.#session.call('renew_leases', {});
    if (tag === 'refused') this.#session.log.warn('agent.leases_not_renewed', {});
    this.#wind();
  }

  #wind(): void {
    if (!this.#isNeeded) this.#stopTimer();
    else this.#cancel ??= this.#session.clock.after(RENEWED_MS, () => void this.#renew());
  }

  #stopTimer(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

/** One lost call does no harm. */
const RENEWED_MS = LEASE_MS / 3;
