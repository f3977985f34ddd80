/** Owns: the few forms of JSON Schema that the tools' arguments have. Names are those of the wire. */

/** A schema as it is sent to clients. */
export type JsonSchema = { readonly [key: string]: unknown };

export function text(description: string, more: JsonSchema = {}): JsonSchema {
  return { type: 'string', description, ...more };
}

export function oneOf(values: readonly string[], description: string): JsonSchema {
  return { type: 'string', enum: values, description };
}

/** A whole number; both bounds are included. */
export function whole(description: string, minimum: number, maximum: number): JsonSchema {
  return { type: 'integer', minimum, maximum, description };
}

export function flag(description: string): JsonSchema {
  return { type: 'boolean', description };
}

export function list(items: JsonSchema, description: string, maxItems: number): JsonSchema {
  return { type: 'array', items, description, minItems: 1, maxItems };
}

/** An object that has these properties and no others. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}
