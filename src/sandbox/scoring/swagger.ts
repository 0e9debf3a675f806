/** The OpenAPI description that a no-code deployment makes of its model's signature. */
import type { ServedColumnType, Schema, ServedSignature } from './signature.js';

type Json = Record<string, unknown>;

/** azureml-mlflow reads `ServiceOutput.format` to tell an array from a data frame. */
const NUMPY = 'numpy.ndarray';

export function swaggerOf(
  signature: ServedSignature | undefined,
  inputExample: unknown,
  host: string,
  version: 2 | 3,
): Json {
  const input = {
    type: 'object',
    required: ['input_data'],
    properties: { input_data: inputSchema(signature?.inputs, inputExample) },
  };
  const output = outputSchema(signature?.outputs);
  const info = {
    title: 'ML service',
    description: 'API specification for the ML service',
    version: '1.0',
  };
  return version === 3
    ? {
        openapi: '3.0.3',
        info,
        servers: [{ url: `https://${host}` }],
        security: [{ BearerAuth: [] }],
        paths: {
          '/': { get: { operationId: 'ServiceHealthCheck', responses: { 200: described() } } },
          '/score': {
            post: {
              operationId: 'RunMLService',
              requestBody: { content: content('#/components/schemas/ServiceInput') },
              responses: {
                200: { ...described(), content: content('#/components/schemas/ServiceOutput') },
              },
            },
          },
        },
        components: {
          securitySchemes: { BearerAuth: { type: 'http', scheme: 'bearer' } },
          schemas: { ServiceInput: input, ServiceOutput: output },
        },
      }
    : {
        swagger: '2.0',
        info,
        host,
        schemes: ['https'],
        consumes: ['application/json'],
        produces: ['application/json'],
        paths: {
          '/': { get: { operationId: 'ServiceHealthCheck', responses: { 200: described() } } },
          '/score': {
            post: {
              operationId: 'RunMLService',
              parameters: [
                {
                  name: 'serviceInputPayload',
                  in: 'body',
                  schema: { $ref: '#/definitions/ServiceInput' },
                },
              ],
              responses: {
                200: { ...described(), schema: { $ref: '#/definitions/ServiceOutput' } },
              },
            },
          },
        },
        definitions: { ServiceInput: input, ServiceOutput: output },
      };
}

function described(): Json {
  return { description: 'The service answered' };
}

function content($ref: string): Json {
  return { 'application/json': { schema: { $ref } } };
}

function inputSchema(inputs: Schema | undefined, example: unknown): Json {
  if (inputs === undefined) return { type: 'object', example: example ?? {} };
  if (inputs.kind === 'columns')
    return {
      type: 'object',
      required: ['columns', 'index', 'data'],
      properties: {
        columns: { type: 'array', items: { type: 'string' } },
        index: { type: 'array', items: { type: 'integer', format: 'int64' } },
        data: { type: 'array', items: { type: 'array', items: {} } },
      },
      example: example ?? { columns: inputs.columns.map(({ name }) => name), index: [], data: [] },
      format: 'pandas.DataFrame:split',
    };
  const [only] = inputs.tensors;
  if (inputs.tensors.length === 1 && only?.name === undefined)
    return tensorSchema(only?.shape ?? [-1], only?.dtype ?? 'float64');
  return {
    type: 'object',
    required: inputs.tensors.map(({ name }) => name),
    properties: Object.fromEntries(
      inputs.tensors.map(({ name = '', shape, dtype }) => [name, tensorSchema(shape, dtype)]),
    ),
  };
}

function outputSchema(outputs: Schema | undefined): Json {
  if (outputs === undefined) return { type: 'object', example: {} };
  if (outputs.kind === 'tensors') {
    const [first] = outputs.tensors;
    return tensorSchema(first?.shape ?? [-1], first?.dtype ?? 'float64');
  }
  return {
    type: 'array',
    items: {
      type: 'object',
      properties: Object.fromEntries(
        outputs.columns.map(({ name, type }) => [name, columnSchema(type)]),
      ),
    },
    format: 'pandas.DataFrame:records',
  };
}

function tensorSchema(shape: readonly number[], dtype: string): Json {
  const leaf = /int/.test(dtype)
    ? { type: 'integer', format: 'int64' }
    : /float|double/.test(dtype)
      ? { type: 'number', format: 'double' }
      : { type: 'string' };
  return {
    ...shape.reduceRight<Json>((items) => ({ type: 'array', items }), leaf),
    format: NUMPY,
  };
}

function columnSchema(type: ServedColumnType): Json {
  switch (type) {
    case 'integer':
      return { type: 'integer', format: 'int32' };
    case 'long':
      return { type: 'integer', format: 'int64' };
    case 'float':
    case 'double':
      return { type: 'number', format: 'double' };
    case 'boolean':
      return { type: 'boolean' };
    default:
      return { type: 'string' };
  }
}
