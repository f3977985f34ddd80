/** Owns: `agent-world mcp --http`: where it listens, and what it tells of that. */
import { writeFile } from 'node:fs/promises';
import { HttpEndpoint } from '../mcp/http/http-endpoint.ts';
import { HttpSessions } from '../mcp/http/http-sessions.ts';
import { keepToken, portFile, portOf } from '../mcp/http/http-token.ts';
import { untilAborted } from './until-aborted.ts';
import type { Context } from './command.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import type { ServedAgent } from './served-agent.ts';

export async function serveHttp(
  { machine, terminal, signal }: Context,
  { name, worldName, doorFor }: ServedAgent,
  wantedPort: string | undefined,
): Promise<ExitCode> {
  const { home, version, clock, log } = machine;
  const port = wantedPort === undefined ? await portOf(home, name) : portIn(wantedPort);
  const token = await keepToken(home, name);
  const sessions = new HttpSessions({ doorFor, version, worldName, clock, log });
  const endpoint = await HttpEndpoint.listen({ token, sessions, port });
  try {
    // Clients are told an address once: it is the same the next time.
    await writeFile(portFile(home, name), `${endpoint.port}\n`, { mode: 0o600 });
    terminal.json({ url: endpoint.url, tokenFile: token.file });
    terminal.line(`${name} is served at ${endpoint.url}`);
    terminal.note(`Clients send the token of ${token.file} as: Authorization: Bearer TOKEN`);
    await untilAborted(signal);
  } finally {
    await endpoint.close();
  }
  return EXIT.ok;
}

function portIn(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new UsageError(`${text} is no port: name a number up to 65535`);
}
