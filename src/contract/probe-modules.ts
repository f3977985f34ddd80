import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The modules that rules publish, as text that an engine takes. */
export interface ProbeModules {
  /** The module of notes. */
  notes(): Promise<string>;
  /** A module that is written down in a rule: JavaScript that imports from `spacetimedb/server`. */
  of(contents: string): Promise<string>;
}

/** Those of the folder `dist` of an installation. */
export function readProbeModules(dist: string): ProbeModules {
  const read = (file: string): Promise<string> => readFile(path.join(dist, file), 'utf8');
  return {
    notes: () => read('probe.js'),
    of: async (contents) => withLibrary(await read('probe-library.js'), contents),
  };
}

/**
 * Puts the module library, which declares `spacetimedbServer`, before a module's own text: rules are
 * run where no bundler is installed. Exports go into one list at the end, as a bundler writes them.
 */
function withLibrary(library: string, contents: string): string {
  const exported: string[] = [];
  const own = contents
    .replaceAll(
      /import \{([^}]*)\} from 'spacetimedb\/server';/g,
      (_, names: string) => `const {${names}} = spacetimedbServer;`,
    )
    .replaceAll(/export const (\w+)/g, (_, name: string) => {
      exported.push(name);
      return `const ${name}`;
    })
    .replace(/export default /, () => {
      exported.push('exportedSchema as default');
      return 'const exportedSchema = ';
    });
  return `${library}\n${own}\nexport { ${exported.join(', ')} };\n`;
}
