import path from 'node:path';

/** The user's own environment, without what `npm start` has put around it. */
export function userEnvironment(env = process.env) {
  const kept = Object.entries(env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE$)/i.test(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, /^path$/i.test(name) ? withoutNpm(value) : value]),
  );
}

function withoutNpm(value = '') {
  const added = /[\\/]node_modules[\\/](\.bin$|.*node-gyp-bin$)/;
  return value
    .split(path.delimiter)
    .filter((folder) => !added.test(folder))
    .join(path.delimiter);
}
