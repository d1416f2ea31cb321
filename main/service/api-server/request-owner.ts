/** Whose request it is: turns at the model are shared between owners, and what is remembered of one never serves another. */
import { createHash } from 'node:crypto';

/** Where OpenAI's and Anthropic's bodies name the person a program asks for. */
interface NamesUser {
  user?: string | null | undefined;
  safety_identifier?: string | null | undefined;
  metadata?: { user_id?: string | null | undefined } | null | undefined;
}

/**
 * The same for the same key, program and person; the names themselves don't go further than here.
 * @param token the key that the request came with
 */
export function requestOwner(token: string, headers: Headers, body: unknown): string {
  const named: NamesUser = typeof body === 'object' && body !== null ? body : {};
  const person = named.safety_identifier ?? named.user ?? named.metadata?.user_id ?? null;
  const program = [headers.get('user-agent'), headers.get('origin')];
  const digest = createHash('sha256')
    .update(JSON.stringify([token, ...program, person]))
    .digest('hex');
  return `api:${digest.slice(0, 40)}`;
}
