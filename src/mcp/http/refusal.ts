/** An error of JSON-RPC as an HTTP answer. `code` is stable, for programs; clients show the message. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const error = { code: SERVER_ERROR, message, data: { code } };
  return Response.json({ jsonrpc: '2.0', id: null, error }, { status, headers });
}

/** Of JSON-RPC, for whatever a server refuses. */
const SERVER_ERROR = -32_000;
