/** Requests and answers of the edge in a plain form, so that one set of routes serves HTTP and Electron's own scheme. */
import type { AppHost } from '../app-host.ts';

export interface EdgeRequest {
  method: string;
  /** As sent, still percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  /** One header by its lower-case name. */
  header(name: string): string | null;
  body: AsyncIterable<Uint8Array>;
  /** Aborted when the asker has left. */
  signal: AbortSignal;
}

export interface EdgeResponse {
  status: number;
  headers: Record<string, string>;
  body: string | AsyncIterable<Uint8Array | string>;
}

/** What routes work with. */
export interface EdgePowers {
  host: Pick<AppHost, 'client' | 'attachPage'>;
  /** Where uploads are written until they are used up. */
  uploadFolder: string;
  /** The built page. */
  pageFolder: string;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT';
  /** Matched against the whole path; its groups are the route's parameters. */
  path: RegExp;
  /** A path that it matches, for tests that walk the table. */
  example: string;
  handle(request: EdgeRequest, parameters: string[], powers: EdgePowers): Promise<EdgeResponse>;
}
