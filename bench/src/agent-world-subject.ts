import type { PrepareFold, Subject } from './subject.ts';
import { NotBuiltError } from './subject.ts';

const notBuilt = () => Promise.reject(new NotBuiltError('Agent World’s side is not built yet'));

/** Two clients of the embedded host, through the world session and the SDK. */
export const agentWorld: Subject = { startServer: notBuilt, openWriter: notBuilt };

/** The verified fold: the chain at every op, the content hash at snapshots and at the end. */
export const prepareAgentWorldFold: PrepareFold = notBuilt;
