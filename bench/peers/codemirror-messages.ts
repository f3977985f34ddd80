/** A change set as CodeMirror's `ChangeSet.toJSON` gives it, with the client that made it. */
export interface UpdateJson {
  readonly clientID: string;
  readonly changes: unknown;
}

/** Client to server. `version` is the one that the updates were made on. */
export interface PushMessage {
  readonly version: number;
  readonly updates: readonly UpdateJson[];
}

/** Server to every client, the sender included: for it, its own updates are the confirmation. */
export type ServerMessage =
  | { readonly kind: 'document'; readonly version: number; readonly text: string }
  | { readonly kind: 'updates'; readonly updates: readonly UpdateJson[] };
