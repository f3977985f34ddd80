/** Why there was no connection; `status` is that of the HTTP answer, where there was one. */
export class LinkFailure extends Error {
  readonly status: number | undefined;

  constructor(message: string, status?: number, cause?: unknown) {
    super(message, { cause });
    this.name = 'LinkFailure';
    this.status = status;
  }
}
