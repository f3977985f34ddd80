import { once } from 'node:events';
import { watch } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { renderSite } from './site.js';

const types = { '.html': 'text/html', '.css': 'text/css' };
const reload = `<script>new EventSource('/changes').onmessage = () => location.reload()</script>`;

/**
 * Serves the notebook to this machine only. Every page is rendered when it is asked for, and
 * reloads by itself when a note or the style changes. Port 0 takes any free one.
 */
export async function serve(/** @type {string} */ root, /** @type {number} */ port) {
  const readers = new Set();
  for (const folder of ['notes', 'style']) {
    watch(path.join(root, folder), () => {
      for (const reader of readers) reader.write('data: changed\n\n');
    }).unref();
  }
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/changes') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      readers.add(response);
      response.on('close', () => readers.delete(response));
      return;
    }
    await sendPage(root, pathname, response);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function sendPage(
  /** @type {string} */ root,
  /** @type {string} */ pathname,
  response,
) {
  const file = pathname === '/' ? 'index.html' : pathname.slice(1);
  try {
    const content = (await renderSite(root)).get(file);
    if (content === undefined) return void response.writeHead(404).end('No such page');
    const type = types[path.extname(file)] ?? 'text/plain';
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` });
    response.end(content.replace('</body>', `${reload}\n</body>`));
  } catch (error) {
    response.writeHead(500).end(`The page could not be made: ${error.message}`);
  }
}
