import type { IncomingMessage } from 'node:http';

/** Thrown when a request's body is larger than allowed. */
export class BodyTooLargeError extends Error {}

/** Thrown when the other side went away before the whole body had come. */
export class BodyCutShortError extends Error {}

/**
 * Reads a whole request body. Throws {@link BodyTooLargeError} as soon as it is too long, and
 * {@link BodyCutShortError}.
 */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > mostBytes) throw new BodyTooLargeError(`more than ${mostBytes} bytes`);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > mostBytes) throw new BodyTooLargeError(`more than ${mostBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof BodyTooLargeError) throw error;
    throw new BodyCutShortError('the request did not come whole', { cause: error });
  }
  return Buffer.concat(chunks);
}
