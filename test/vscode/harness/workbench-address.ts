import path from 'node:path';

export interface WorkbenchAddress {
  readonly port: number;
  /** A folder, or a `.code-workspace` file that lists several. */
  readonly folder: string;
  /** Folders of extensions under development. */
  readonly extensionPaths: readonly string[];
  /** A module with a `run` function for the extension host to run. */
  readonly testsPath?: string;
  /** Added to the environment of this window's extension host. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * The address of a window. The payload is what a desktop VS Code would take as command-line options; the
 * server heeds it only with its smoke-test driver on.
 */
export function workbenchAddress(window: WorkbenchAddress): string {
  const authority = `127.0.0.1:${window.port}`;
  const remote = (file: string): string => `vscode-remote://${authority}${toUriPath(file)}`;
  const payload = [
    ...window.extensionPaths.map((each) => ['extensionDevelopmentPath', remote(each)]),
    ...(window.testsPath === undefined ? [] : [['extensionTestsPath', remote(window.testsPath)]]),
    ...(window.env === undefined ? [] : [['extensionEnvironment', JSON.stringify(window.env)]]),
  ];
  const query = new URLSearchParams({
    [window.folder.endsWith('.code-workspace') ? 'workspace' : 'folder']: toUriPath(window.folder),
    payload: JSON.stringify(payload),
  });
  return `http://${authority}/?${query.toString()}`;
}

function toUriPath(file: string): string {
  const slashes = file.replaceAll(path.sep, '/');
  return slashes.startsWith('/') ? slashes : `/${slashes}`;
}
