// The server that y-websocket 2.1 ships, unchanged and without persistence.
import { getYDoc, setupWSConnection } from 'y-websocket/bin/utils';
import { servePeer } from './server-process.ts';

servePeer(({ files }) => {
  for (const [path, text] of Object.entries(files)) getYDoc(path).getText('text').insert(0, text);
  return (socket, path) => setupWSConnection(socket, {}, { docName: path });
});
