/** The server's OpenAPI document, generated from its routes. */
import { z } from 'zod';
import { routes } from './routes.ts';

export function openApiDocument(version: string): object {
  const paths: Record<string, object> = {};
  for (const { method, path, summary, body } of routes) {
    const content = body && {
      'application/json': { schema: z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) },
    };
    paths[path] = {
      [method.toLowerCase()]: {
        summary,
        ...(content && { requestBody: { required: true, content } }),
        responses: { 200: { description: 'The answer.' }, default: { description: 'An error object.' } },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'InternVL Desktop', version, description: 'Answers come from this machine.' },
    servers: [{ url: 'http://127.0.0.1:23333' }],
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths,
  };
}
