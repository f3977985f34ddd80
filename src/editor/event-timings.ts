/** How long change events held up the extension host, the last ones. */
export class EventTimings {
  readonly #durationsMs: number[] = [];
  readonly #processorMs: number[] = [];
  readonly #limit: number;
  #count = 0;

  constructor(limit = 4096) {
    this.#limit = limit;
  }

  /** Does the work of an event. */
  time(work: () => void): void {
    const processorMs = processorTimeMs();
    const startedMs = performance.now();
    work();
    const index = this.#count % this.#limit;
    this.#durationsMs[index] = performance.now() - startedMs;
    if (processorMs !== undefined) this.#processorMs[index] = processorTimeMs()! - processorMs;
    this.#count += 1;
  }

  /** In milliseconds, in no particular order. */
  get durationsMs(): readonly number[] {
    return this.#durationsMs;
  }

  /**
   * What of `durationsMs` the thread ran: the rest it waited for a processor that something else had.
   * Empty where the runtime cannot tell.
   */
  get processorMs(): readonly number[] {
    return this.#processorMs;
  }
}

/** Of this thread; undefined before Node 23.9. */
function processorTimeMs(): number | undefined {
  const usage = (process as Partial<Pick<NodeJS.Process, 'threadCpuUsage'>>).threadCpuUsage?.();
  return usage && (usage.user + usage.system) / 1000;
}
