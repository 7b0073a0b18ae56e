// Holds requests and replies to their schemas. What comes in wrong is the caller's fault and told; what would go out wrong is
// ours, and becomes a 500 that is logged instead of an answer that is silently not what the API document says.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { FastifyInstance, FastifySchemaValidationError, FastifyServerOptions } from 'fastify';
import { InvariantError } from '../../model/errors.js';

/**
 * `format` only tells readers what a text is. The schemas are our own and come with the program, so that no start has to compile
 * the schema of schemas: one that is not sound fails the test that sends something to every route.
 */
const OPTIONS = {
  useDefaults: true,
  verbose: true,
  strict: false,
  meta: false,
  validateSchema: false,
  formats: { 'date-time': true },
} as const;

/** For the making of the framework, which else loads compilers of its own that nobody uses. */
export const NO_OTHER_COMPILERS: Pick<FastifyServerOptions, 'schemaController'> = {
  schemaController: { compilersFactory: { buildValidator: refuseToBuild, buildSerializer: refuseToBuild } },
};

function refuseToBuild(): never {
  throw new InvariantError('a schema was to be compiled before its compiler was set');
}

/** Query strings are text and need conversion; in a body the wrong type is the wrong type. */
export function checkShapes(app: FastifyInstance): void {
  const strict = new Ajv2020({ ...OPTIONS, coerceTypes: false });
  const converting = new Ajv2020({ ...OPTIONS, coerceTypes: true });
  const outgoing = new Ajv2020({ ...OPTIONS, useDefaults: false, coerceTypes: false });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    compileLate(httpPart === 'body' ? strict : converting, schema as object),
  );
  app.setSerializerCompiler(({ schema, method, url, httpStatus }) => {
    const fits = compileLate(outgoing, schema);
    return (reply) => {
      if (fits(reply)) return JSON.stringify(reply);
      const [error] = fits.errors ?? [];
      const place = `${method} ${url} ${httpStatus ?? ''}`;
      throw new InvariantError(
        `${place} does not fit the API document: ${error?.instancePath ?? ''} ${error?.message ?? ''}`,
      );
    };
  });
  app.setSchemaErrorFormatter(
    ([error], part) => new Error(error ? describeMismatch(error, part) : `${part} is malformed`),
  );
}

interface Check {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Compiled when something first has to be checked: all schemas at once were a third of the start, and most are never needed. */
function compileLate(ajv: Ajv2020, schema: object): Check {
  let compiled: ValidateFunction | null = null;
  const check: Check = (value) => {
    compiled ??= ajv.compile(schema);
    const fits = compiled(value);
    check.errors = compiled.errors ?? null;
    return fits;
  };
  return check;
}

/** `body/target must be one word, without white space`: for a person, who reads it on the page. */
function describeMismatch(error: FastifySchemaValidationError, part: string): string {
  const { parentSchema } = error as { parentSchema?: { description?: string } };
  const place = `${part}${error.instancePath}`;
  if (error.keyword === 'pattern' && parentSchema?.description) return `${place} must be ${parentSchema.description}`;
  const choices = error.params['allowedValues'];
  if (Array.isArray(choices)) return `${place} must be one of ${choices.join(', ')}`;
  const extra = error.params['additionalProperty'];
  if (typeof extra === 'string') return `${place} has an unknown field ${JSON.stringify(extra.slice(0, 40))}`;
  return `${place} ${error.message ?? 'is malformed'}`;
}
