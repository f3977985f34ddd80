// Lets this extension host reach a server by another port, where a proxy waits that delays and cuts.
// What is behind an address is the network's business, so no product code knows of it.
const net = require('node:net');

/** @typedef {{ host: string, port: number, through: number }} Way `through` is a port of this machine */
/** @typedef {(this: net.Socket, ...args: unknown[]) => net.Socket} Connect */

/** Sends every new connection to a place through a proxy, whoever makes it. */
exports.take = (/** @type {Way} */ way) => {
  const connect = /** @type {Connect} */ (
    /** @type {unknown} */ (Reflect.get(net.Socket.prototype, 'connect'))
  );
  /** @type {Connect} */
  const connectThere = function (...args) {
    // Node hands on its arguments as one list, of which the first is the options.
    const first = Array.isArray(args[0]) ? args[0][0] : args[0];
    if (leadsThere(first, way)) Object.assign(first, { host: '127.0.0.1', port: way.through });
    return Reflect.apply(connect, this, args);
  };
  Object.assign(net.Socket.prototype, { connect: connectThere });
};

function leadsThere(/** @type {unknown} */ options, /** @type {Way} */ { host, port }) {
  if (typeof options !== 'object' || options === null || !('port' in options)) return false;
  return Number(options.port) === port && 'host' in options && options.host === host;
}
