import type { Wait } from '../world/tell-waits.ts';

/** What a command that takes long waits for, in words. */
export const WAIT_TEXTS: Readonly<Record<Wait, string>> = {
  host: 'Waiting for this machine’s own host to start',
  server: 'Waiting for the server’s answer',
  connection: 'Waiting for a connection to the world’s server',
  loading: 'Waiting: the server is loading the world',
  answer: 'Waiting: the world has not answered for ten seconds',
};
