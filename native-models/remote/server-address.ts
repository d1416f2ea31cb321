/** The address of a server: what a person types, checked and in one form. */
import { AppError } from '../../preload/contract/errors.ts';

/** A server and the key it asks for, if it asks. */
export interface ServerAddress {
  /** Where OpenAI's paths begin, without a slash at the end: `https://gpu.example.org:23333/v1`. */
  baseUrl: string;
  /** Sent as bearer token; null where the server asks for none. */
  key: string | null;
}

const longestAddress = 500;

/** Whether a person means a server and not a folder. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/**
 * Reads an address; `/v1` is added where no version is named. Only https, since questions, pictures and the key go
 * there; http to this machine alone.
 * @throws AppError `invalid_request`
 */
export function parseAddress(text: string): string {
  const trimmed = text.trim();
  const url = trimmed.length <= longestAddress && URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refuse('A server’s address looks like https://gpu.example.org:23333.');
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('An address holds no name or password. Give the key beside it.');
  }
  if (url.search !== '' || url.hash !== '') throw refuse('An address ends before any ? or #.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw refuse(
      'Questions and pictures go to another machine by https only. Put the server behind https, or open a tunnel and use http://127.0.0.1.',
    );
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/(?:chat\/completions|models)$/, '');
  return `${url.origin}${/\/v\d+$/.test(path) ? path : `${path}/v1`}`;
}

/** Name and port, as people are told where an answer came from. */
export function hostOf(baseUrl: string): string {
  return new URL(baseUrl).host;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function refuse(sentence: string): AppError {
  return new AppError('invalid_request', sentence);
}
