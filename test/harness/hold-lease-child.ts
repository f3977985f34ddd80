import { acquireFolderLease } from '../../src/host/folder-lease-client.ts';

/** Holds or awaits the lease of a folder and prints each thing it is told, one JSON a line. */
const [uri = '', world = '', folder = ''] = process.argv.slice(2);
const say = (event: object): void => console.log(JSON.stringify(event));
setInterval(() => {}, 60_000); // the lease's own timers keep no process alive
acquireFolderLease({
  uri,
  world,
  folder,
  signal: new AbortController().signal,
  onGranted: (fence) => say({ granted: fence }),
  onWaiting: (ahead) => say({ ahead }),
  onLost: () => say({ lost: true }),
});
