import { WebSocket } from 'ws';
import { EngineProbe, type ProbeSite } from '../contract/engine-probe.ts';
import { describeServer } from '../world/server-request.ts';
import { WorldError } from '../world/world-error.ts';
import { reasonOf } from './check-rules.ts';
import { tooOld } from './recognize-server.ts';

/**
 * Makes one database and knocks at it, so that what keeps a server from being of any use is said once
 * and not for each rule. Throws `WorldError`: `bad_token` where the identity may make no databases,
 * `bad_module`, or `protocol_mismatch` for a server that speaks an earlier protocol.
 */
export async function tryServer(site: ProbeSite): Promise<void> {
  const { uri, modules } = site;
  const probe = new EngineProbe(site);
  try {
    const { name, answer } = await probe.publishNew(await modules.notes());
    const words = await answer.text();
    if (answer.status === 401 || answer.status === 403) {
      throw new WorldError(
        'bad_token',
        `${describeServer(uri)} lets this identity make no databases (status ${answer.status}); ` +
          'name one that may: --token-file FILE',
      );
    }
    if (answer.status !== 200) {
      const reason = reasonOf(words, site);
      throw new WorldError('bad_module', `${describeServer(uri)} did not take a module: ${reason}`);
    }
    if ((await knock(uri, name)) === 400) throw tooOld(uri);
  } finally {
    await probe.finish();
  }
}

/** The status by which a server refuses a connection of protocol 2; 0 where it does not. */
function knock(uri: string, database: string): Promise<number> {
  const address = new URL(`v1/database/${database}/subscribe?compression=None`, uri);
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address, ['v2.bsatn.spacetimedb'], { handshakeTimeout: 10_000 });
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    // What else is wrong with connections the rules tell.
    socket.on('error', () => resolve(0));
    socket.on('open', () => {
      resolve(0);
      socket.terminate();
    });
  });
}
