import type { LogFaultKind } from '../core/verify-log.ts';

/** What is wrong with an op, for a person. */
export const LOG_FAULTS: Readonly<Record<LogFaultKind, string>> = {
  sequence: 'an op is missing or stands in the wrong place',
  chain: 'the op was changed, or what came before it',
  encoding: 'its bytes are not those of an op',
  version: 'it does not follow the version before it',
  before_hash: 'it was made on another text than the history holds',
  content_hash: 'the text it leaves is not the one it claims',
  changes: 'its changes leave the text',
  payload: 'its payload cannot be read',
  part: 'content is missing, or is not what its name says',
  head: 'the history ends elsewhere than the world says',
};
