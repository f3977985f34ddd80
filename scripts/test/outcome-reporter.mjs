/**
 * A reporter of Node's test runner that writes what a whole run came to, as one line of JSON: the
 * final counts, and each test that failed.
 */
export default async function* outcome(/** @type {AsyncIterable<any>} */ source) {
  /** @type {import('./stages.mjs').Failure[]} */
  const failures = [];
  for await (const { type, data } of source) {
    if (type === 'test:fail' && !isOfParts(data) && failures.length < MOST_FAILURES) {
      failures.push({ name: data.name, file: data.file ?? '', message: messageOf(data) });
    }
    // Each file has a summary of its own; the one of the whole run names no file.
    if (type === 'test:summary' && data.file === undefined) {
      yield `${JSON.stringify({ counts: data.counts, failures })}\n`;
    }
  }
}

/** A file, or a test with parts, that failed only because a part of it did. */
function isOfParts(/** @type {any} */ { details }) {
  return details?.error?.failureType === 'subtestsFailed';
}

function messageOf(/** @type {any} */ { details }) {
  const error = details?.error;
  const message = String(error?.cause?.message ?? error?.message ?? error);
  return message.split('\n').slice(0, MOST_LINES).join('\n').slice(0, MOST_CHARACTERS);
}

const MOST_FAILURES = 50;
const MOST_LINES = 12;
const MOST_CHARACTERS = 1_500;
