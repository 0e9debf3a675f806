import * as z from 'zod';

type JsonSchema = z.core.JSONSchema.JSONSchema;
type Part = JsonSchema | boolean | undefined;

const isSchema = (part: Part): part is JsonSchema => typeof part === 'object';

/** A schema, or those that it is one of. */
const forms = (schema: JsonSchema): JsonSchema[] => [
  schema,
  ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((each = []) =>
    (each as Part[]).filter(isSchema).flatMap(forms),
  ),
];

function within(schema: JsonSchema, key: PropertyKey): JsonSchema[] {
  const { items, properties, additionalProperties } = schema;
  const part: Part =
    typeof key === 'number' ? (items as Part) : (properties?.[String(key)] ?? additionalProperties);
  return isSchema(part) ? forms(part) : [];
}

/** The keys that a schema has in the map at `path`. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const found = path.reduce<JsonSchema[]>(
    (parts, key) => parts.flatMap((part) => within(part, key)),
    forms(whole),
  );
  return found.flatMap(({ properties = {} }) => Object.keys(properties));
}
