import { createRequire } from 'node:module';
import path from 'node:path';

/** A Prettier, and the project whose configuration it follows. */
export interface ProjectFormatter {
  readonly version: string;
  /** Where it was found. */
  readonly from: string;
  /**
   * The text as Prettier would write it; undefined for files that it does not know or the project
   * tells it to ignore, and for texts that it cannot read just now.
   */
  format(filePath: string, text: string): Promise<string | undefined>;
}

/** What of Prettier is used; the same in its versions 2 and 3. */
interface Prettier {
  readonly version: string;
  format(source: string, options: object): string | Promise<string>;
  resolveConfig(file: string, options: object): Promise<object | null>;
  clearConfigCache(): void | Promise<void>;
  getFileInfo(
    file: string,
    options: object,
  ): Promise<{ readonly ignored: boolean; readonly inferredParser: string | null }>;
}

/**
 * The first Prettier that can be had from one of the folders, usually the project's own and then
 * that of Agent World's installation; undefined where there is none.
 */
export async function findFormatter(
  project: string,
  installations: readonly string[],
): Promise<ProjectFormatter | undefined> {
  for (const folder of [project, ...installations]) {
    const require = createRequire(path.join(folder, 'package.json'));
    const file = resolvePrettier(require);
    if (file !== undefined) return formatterOf(require(file) as Prettier, file, project);
  }
  return undefined;
}

function resolvePrettier(require: NodeJS.Require): string | undefined {
  try {
    return require.resolve('prettier');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}

function formatterOf(prettier: Prettier, from: string, project: string): ProjectFormatter {
  const ignorePath = path.join(project, '.prettierignore');
  return {
    version: prettier.version,
    from,
    async format(filePath, text) {
      const file = path.join(project, filePath);
      const info = await prettier.getFileInfo(file, { ignorePath, resolveConfig: true });
      if (info.ignored || info.inferredParser === null) return undefined;
      // The configuration is a file like others: somebody may just have edited it.
      await prettier.clearConfigCache();
      const config = await prettier.resolveConfig(file, { editorconfig: true });
      try {
        return await prettier.format(text, { ...config, filepath: file, endOfLine: 'lf' });
      } catch (error) {
        // Somebody is in the middle of a statement; the next quiet moment comes.
        if (error instanceof Error && isSyntaxProblem(error)) return undefined;
        throw error;
      }
    },
  };
}

function isSyntaxProblem(error: Error): boolean {
  return error.name.endsWith('SyntaxError') || 'loc' in error || 'cause' in error;
}
