export interface Owner {
  readonly identity: string;
  readonly token: string;
}

/** Has a server make an identity. */
export async function newIdentity(uri: string): Promise<Owner> {
  const response = await fetch(`${uri}v1/identity`, { method: 'POST' });
  return (await response.json()) as Owner;
}

/** Publishes a bundle; the answer is for the caller to judge. */
export function publish(uri: string, name: string, token: string, source: string, policy = '') {
  return fetch(`${uri}v1/database/${name}?host_type=Js${policy}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: source,
  });
}

/** What a server says that publishing a bundle would do. */
export async function prePublish(
  uri: string,
  name: string,
  token: string,
  source: string,
): Promise<{ readonly status: number; readonly text: string; readonly plan: PublishPlan }> {
  const address = `${uri}v1/database/${name}/pre_publish?host_type=Js&style=NoColor`;
  const response = await fetch(address, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: source,
  });
  const text = await response.text();
  const plan = response.status === 200 ? (JSON.parse(text) as PublishPlan) : {};
  return { status: response.status, text, plan };
}

export interface PublishPlan {
  readonly AutoMigrate?: {
    readonly migrate_plan: string;
    readonly break_clients: boolean;
    readonly token: string;
  };
  readonly ManualMigrate?: { readonly reason: string };
}

/** Calls a reducer over HTTP; the answer is for the caller to judge. */
export function callReducer(
  uri: string,
  database: string,
  { token, reducer, args = [] }: { token: string; reducer: string; args?: readonly unknown[] },
): Promise<Response> {
  return fetch(`${uri}v1/database/${database}/call/${reducer}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(args),
  });
}

/** The rows of a query, each the list of its columns. */
export async function queryRows(
  uri: string,
  database: string,
  token: string,
  query: string,
): Promise<readonly (readonly unknown[])[]> {
  const response = await fetch(`${uri}v1/database/${database}/sql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: query,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  const [statement] = JSON.parse(text) as { rows: unknown[][] }[];
  return statement?.rows ?? [];
}
