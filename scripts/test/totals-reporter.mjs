/** A reporter of Node's test runner that writes only the final counts, as one line of JSON. */
export default async function* totals(/** @type {AsyncIterable<any>} */ source) {
  for await (const event of source) {
    // Each file has a summary of its own; the one of the whole run names no file.
    if (event.type === 'test:summary' && event.data.file === undefined) {
      yield `${JSON.stringify(event.data.counts)}\n`;
    }
  }
}
