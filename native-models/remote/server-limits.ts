/** What a server may cost at most: time, silence and bytes; a server that errs or means harm is held to them. */

export interface ServerLimits {
  /** Until a short question, such as which models there are, is answered. */
  shortAnswerMs: number;
  /** Until the first event of an answer: a queue and a long prompt lie before it. */
  firstEventMs: number;
  /** Between two events of an answer. */
  silenceMs: number;
  /** A whole answer. */
  answerMs: number;
  /** Of a short answer, and of an error's body. */
  bodyBytes: number;
  /** Of one event of a stream. */
  eventBytes: number;
  /** Of a whole stream. */
  answerBytes: number;
  /** Tries of a request that a busy server refuses, the first included. */
  tries: number;
  /** Wait after the first refusal; doubles each time, unless the server says how long. */
  firstWaitMs: number;
  /** Longest `Retry-After` that is waited for. */
  longestWaitMs: number;
  /** Requests under way at once; a batch sends the others as these end. */
  requestsAtOnce: number;
}

export const usualLimits: Readonly<ServerLimits> = {
  shortAnswerMs: 15_000,
  firstEventMs: 290_000, // Node's fetch itself gives up after 300 s without a header
  silenceMs: 120_000,
  answerMs: 3_600_000,
  bodyBytes: 1024 * 1024,
  eventBytes: 1024 * 1024,
  answerBytes: 128 * 1024 * 1024,
  tries: 4,
  firstWaitMs: 1000,
  longestWaitMs: 30_000,
  requestsAtOnce: 16,
};
