/** Owns: names on the wire: there words are joined by `_`, in the program by capitals. */

/** The same value with all keys of objects as the wire spells them; what is undefined goes. */
export function toWire(value: unknown): unknown {
  return renamed(value, (key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** The same value with all keys of objects as the program spells them. */
export function fromWire(value: unknown): unknown {
  return renamed(value, (key) =>
    key.replaceAll(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
  );
}

function renamed(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => renamed(each, rename));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [rename(key), renamed(each, rename)]));
}
