import type { ServerResponse } from 'node:http';
import { proveHost, type HostHealth } from './discovery.ts';
import type { HeldLease } from './folder-lease.ts';
import { isHostVersion, isNewerVersion } from './host-version.ts';
import type { ExtraRoute } from './server.ts';

/** Why a running host is asked to end. */
export type EndRequest = 'handover' | 'stop';

export interface ControlRoutesOptions {
  readonly version: string;
  readonly proofKey: string;
  /** What the host is doing now, or undefined when it is ending and must not be found. */
  health(): HostHealth | undefined;
  /** Which folders are kept now, and by whom. */
  leases(): readonly HeldLease[];
  /** Called once the answer has been sent. */
  end(reason: EndRequest): void;
}

/** `GET health`, `GET leases`, `POST handover` and `POST stop` under `/agent-world/`. */
export function controlRoutes(options: ControlRoutesOptions): ExtraRoute {
  return ({ request, path, query }, response) => {
    switch (`${request.method} ${path}`) {
      case 'GET /agent-world/health':
        answerHealth(options, query.get('nonce') ?? '', response);
        return true;
      case 'GET /agent-world/leases':
        answer(response, 200, { leases: options.leases() });
        return true;
      case 'POST /agent-world/handover':
        answerHandover(options, query.get('version') ?? '', response);
        return true;
      case 'POST /agent-world/stop':
        answerEnd(options, 'stop', response);
        return true;
      default:
        return false;
    }
  };
}

function answerHealth(
  options: ControlRoutesOptions,
  nonce: string,
  response: ServerResponse,
): void {
  const health = options.health();
  if (health === undefined) return answer(response, 503, { error: 'ending' });
  answer(response, 200, { ...health, proof: proveHost(options.proofKey, nonce) });
}

function answerHandover(
  options: ControlRoutesOptions,
  version: string,
  response: ServerResponse,
): void {
  if (!isHostVersion(version)) return answer(response, 400, { error: 'bad_version' });
  // Two newer clients may ask at once; the one whose wish is already met must not end its host.
  if (!isNewerVersion(version, options.version)) {
    return answer(response, 409, { error: 'not_newer', version: options.version });
  }
  answerEnd(options, 'handover', response);
}

function answerEnd(options: ControlRoutesOptions, reason: EndRequest, response: ServerResponse) {
  response.once('close', () => options.end(reason));
  answer(response, 202, { ending: true });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  response.end(JSON.stringify(body));
}
