import type { ModelCall } from '../model/conversation.ts';

export type ClientId = 'claude' | 'codex' | 'gemini' | 'opencode' | 'copilot' | 'qwen' | 'cline';

/** Where the scripted model answers. */
export interface ModelAddress {
  /** Without a path, such as `http://127.0.0.1:4000`. */
  readonly address: string;
  readonly modelName: string;
}

/** A client's own file tools. Paths are absolute. */
export interface OwnTools {
  read(file: string): ModelCall;
  /** Replaces whole lines by others. */
  replace(file: string, from: string, to: string): ModelCall;
  /** Writes a whole text over a file that is there; by its shell where it has no such tool. */
  overwrite(file: string, text: string): ModelCall;
}

/** A package on npm, and the program that it brings. */
export interface RealPackage {
  readonly package: string;
  readonly version: string;
  /** The program's name on the path. */
  readonly program: string;
}

/** All that is needed to run one client without a person and without an account, as it documents that itself. */
export interface RealClient extends RealPackage {
  readonly id: ClientId;
  readonly title: string;
  /** By which it speaks the Agent Client Protocol, where it does not do so itself. */
  readonly adapter?: RealPackage;
  /** The files that its user's home has before anything is set up, by their path in it. */
  settings(model: ModelAddress): Readonly<Record<string, string>>;
  environment(model: ModelAddress): Readonly<Record<string, string>>;
  /** What is run once before, such as a login. */
  readonly login?: (model: ModelAddress) => readonly string[];
  /** The arguments of one run. */
  run(prompt: string): readonly string[];
  /** How its model calls a tool of a server. */
  serverTool(server: string, tool: string, args: ModelCall['args']): ModelCall;
  /** True where it gives up after a few calls of tools that it does not offer yet. */
  readonly bearsNoStray?: boolean;
  readonly own: OwnTools;
  /** Whether `agents add` gives it hooks. */
  readonly hasHooks: boolean;
  /** Files of the user's home that are after `agents remove` byte for byte as before. */
  readonly keptFiles: readonly string[];
}

export function call(name: string, args: ModelCall['args']): ModelCall {
  return { name, args };
}

/** For a shell: writes a text that ends with a line end. */
export function shellWrite(file: string, text: string): string {
  return `cat > '${file}' <<'END_OF_TEXT'\n${text}END_OF_TEXT`;
}

/** A settings file in JSON as such clients write it. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
