// Bodies that become a part of config.yaml are judged there, together with the rest of the file and in the words of the command
// line; here only what would be too much for that.
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';

/** Deeper than any key of the configuration lies. */
const MOST_LEVELS = 8;

/** For one route; everything but the body is checked as everywhere. */
export function leaveBodyToEdit(app: FastifyInstance): FastifySchemaCompiler<unknown> {
  return (route) => {
    if (route.httpPart !== 'body' && app.validatorCompiler) return app.validatorCompiler(route);
    return (body: unknown) => {
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        return { error: new Error('body must be object') };
      return isShallow(body, MOST_LEVELS) ? { value: body } : { error: new Error('body is nested too deeply') };
    };
  };
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}
