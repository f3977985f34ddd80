/** Owns: one question of a hook to the server that runs for its folder. It imports nothing but `node:`. */
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { addressesFor, type HookRequest } from './hook-address.ts';

/** What the client is to be told, as JSON; empty for nothing, undefined where no server runs. */
export async function askDesk(
  home: string,
  cwd: string,
  request: HookRequest,
): Promise<string | undefined> {
  for (const { file, address } of addressesFor(home, cwd)) {
    const answer = await ask(address, request);
    if (answer !== undefined) return answer;
    // Nobody listens there any more: the server was killed.
    rmSync(file, { force: true });
  }
  return undefined;
}

/** Undefined where nobody listens. */
function ask(address: string, request: HookRequest): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    let isConnected = false;
    let said = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      isConnected = true;
      socket.write(`${JSON.stringify(request)}\n`);
    });
    socket.on('data', (text: string) => {
      said += text;
      // The process ends next, which closes the socket in a third of the time.
      if (said.endsWith('\n')) resolve(said.trim());
    });
    socket.on('error', () => resolve(isConnected ? '' : undefined));
    socket.on('close', () => resolve(''));
  });
}
