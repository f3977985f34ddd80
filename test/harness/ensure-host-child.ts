import { silentLog } from '../../src/host/log.ts';
import { ensureHost } from '../../src/host/launcher.ts';

const options = JSON.parse(process.argv[2] ?? '{}');
ensureHost({ ...options, log: silentLog }).then(
  (host) => console.log(JSON.stringify(host)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
