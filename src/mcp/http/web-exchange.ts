/** Owns: requests and answers of Node as those of the web's standards, which the package works with. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Without its body. Its signal aborts when the client goes away before it was answered. */
export function webRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  url: string,
): Request {
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each);
  }
  return new Request(url, { method: incoming.method ?? 'GET', headers, signal: gone.signal });
}

/**
 * The body, or undefined where it is longer than `mostBytes`. It is read to its end then, too: a client that
 * is still sending hears no answer. Rejects when the client goes away, or does not come to an end.
 */
export async function bodyOf(
  incoming: IncomingMessage,
  mostBytes: number,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_PASSED_BYTES) throw new Error('The request has no end');
    if (bytes <= mostBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return bytes > mostBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** Of which nothing is kept. */
const MOST_PASSED_BYTES = 256 * 1024 * 1024;

/** Resolves when all is sent, or the client is gone. */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const { status, headers, body } = response;
  if (outgoing.destroyed) {
    await body?.cancel();
    return;
  }
  outgoing.writeHead(status, Object.fromEntries(headers));
  if (!body) {
    outgoing.end();
    return;
  }
  // A stream may say nothing for long: that it was opened is told at once.
  outgoing.flushHeaders();
  try {
    await pipeline(Readable.fromWeb(body), outgoing);
  } catch {
    // Whoever went away needs no answer; the stream was told.
  }
}
