/** Whose turn it is at the model: all who write take their steps in one run, and between such runs one who reads gets one. */
import type { Decoder, TokenStep } from './decoder.ts';
import { groupSteps } from './group-steps.ts';
import { nextTurn } from './session.ts';

/** Does one short piece of work when its turn has come; rejects with the abort's reason instead after an abort. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** A token step with what it needs beside the numbers. */
export interface WantedStep extends TokenStep {
  decoder: Decoder;
  signal: AbortSignal;
  /** [vocabulary]: where the logits are put; its owner gives the same one for every step. */
  logits: Float32Array;
}

export interface RunTurns {
  /**
   * For pictures and prompts: each piece waits for its turn, clients taking turns first, then their requests. Pieces in
   * the background wait until nobody else reads or writes.
   */
  forReader(client: string, signal: AbortSignal, options?: { isBackground: boolean }): InTurn;
  /** The step's own `logits` [vocabulary], now those after one more token. Rejects with the signal's reason after an abort. */
  decode(step: WantedStep): Promise<Float32Array>;
  /** Says that somebody writes: a run waits a moment for their next token. Call the result when they stop. */
  beginWriting(): () => void;
  /** Answers being written. */
  writerCount(): number;
}

/** A piece of reading, or one token of writing, that waits. */
interface Waiting {
  signal: AbortSignal;
  reject: (reason: unknown) => void;
}

interface WaitingStep extends Waiting {
  step: WantedStep;
  resolve: (logits: Float32Array) => void;
}

interface WaitingPiece extends Waiting {
  client: string;
  isBackground: boolean;
  work: () => Promise<void>;
}

/** Turns of the event loop that a run waits for writers who are choosing their next token; a slow listener is not waited for. */
const patienceTurns = 8;

export function createRunTurns(): RunTurns {
  let steps: WaitingStep[] = [];
  let pieces: WaitingPiece[] = [];
  let writers = 0;
  let isServing = false;
  /** Decoding that writers may do before the next piece of reading: each side gets half of the time. */
  let writersShareMs = 0;
  const servedAt = new Map<string, number>();

  async function serve(): Promise<void> {
    isServing = true;
    for (;;) {
      await nextTurn(); // lets messages in, an abort among them
      for (let turn = 0; turn < patienceTurns && steps.length < writers; turn++) await nextTurn();
      steps = steps.filter(isWanted);
      pieces = pieces.filter(isWanted);
      const mayRead = pieces.some(({ isBackground }) => !isBackground || writers === 0);
      if (steps.length === 0 && !mayRead) break; // who ends writing begins again
      const startedMs = performance.now();
      const isAnyoneReading = pieces.some(({ isBackground }) => !isBackground);
      if (steps.length > 0 && (writersShareMs > 0 || !isAnyoneReading)) {
        await decodeSteps(steps.splice(0));
        writersShareMs -= performance.now() - startedMs;
      } else {
        await takeNextPiece().work();
        writersShareMs = performance.now() - startedMs;
      }
    }
    isServing = false;
  }

  /** Of the client that has waited longest for a turn, the piece that came first. */
  function takeNextPiece(): WaitingPiece {
    const lastTurn = ({ client }: WaitingPiece) => servedAt.get(client) ?? 0;
    const wanted = pieces.filter(({ isBackground }) => !isBackground);
    const next = (wanted.length > 0 ? wanted : pieces).reduce((best, piece) =>
      lastTurn(piece) < lastTurn(best) ? piece : best,
    );
    pieces.splice(pieces.indexOf(next), 1);
    servedAt.delete(next.client);
    servedAt.set(next.client, performance.now());
    const [oldest] = servedAt.keys();
    if (servedAt.size > 64 && oldest !== undefined) servedAt.delete(oldest);
    return next;
  }

  function start(): void {
    if (!isServing) void serve();
  }

  return {
    forReader:
      (client, signal, { isBackground } = { isBackground: false }) =>
      (work) =>
        new Promise((resolve, reject) => {
          pieces.push({ client, isBackground, signal, reject, work: () => work().then(resolve, reject) });
          start();
        }),
    decode: (step) =>
      new Promise((resolve, reject) => {
        steps.push({ step, signal: step.signal, resolve, reject });
        start();
      }),
    beginWriting() {
      writers += 1;
      let isWriting = true;
      return () => {
        if (isWriting) writers -= 1;
        isWriting = false;
        if (pieces.length > 0) start();
      };
    },
    writerCount: () => writers,
  };
}

/** Turns away what was aborted while it waited. */
function isWanted({ signal, reject }: Waiting): boolean {
  if (signal.aborted) reject(signal.reason);
  return !signal.aborted;
}

async function decodeSteps(waiting: readonly WaitingStep[]): Promise<void> {
  for (const group of groupSteps(waiting, ({ step }) => step)) {
    try {
      if (group.length === 1 || !(await decodeTogether(group))) await decodeEach(group);
    } catch (error) {
      for (const { reject } of group) reject(error); // those already answered hear nothing of it
    }
  }
}

/** @returns false where a run of all did not work out: what one of them lacks must not end the others */
async function decodeTogether(group: readonly WaitingStep[]): Promise<boolean> {
  const lengths = group.map(({ step }) => step.cache.length);
  try {
    const logits = await group[0]!.step.decoder.runTogether(group.map(({ step }) => step));
    for (const [index, each] of group.entries()) giveLogits(each, logits[index]!);
    freeLogits(logits[0]!);
    return true;
  } catch {
    for (const [index, { step }] of group.entries()) step.cache.truncate(lengths[index]!); // some may have theirs
    return false;
  }
}

async function decodeEach(group: readonly WaitingStep[]): Promise<void> {
  for (const waiting of group) {
    const { decoder, cache, hidden, position } = waiting.step;
    try {
      const positions = Float32Array.of(position);
      const logits = await decoder.run({ hidden, positions, cache, logitRows: [0] });
      giveLogits(waiting, logits);
      freeLogits(logits);
    } catch (error) {
      waiting.reject(error);
    }
  }
}

function giveLogits({ step, resolve }: WaitingStep, logits: Float32Array): void {
  step.logits.set(logits);
  resolve(step.logits);
}

/**
 * Gives a run's logits back to the system, all rows of their buffer: 0.6 MB a step left to the garbage collector set it
 * off every 30 tokens, and its threads took the processor from three or four of them (22.1 ms a token so, 20.9 without;
 * medians of 12 in turns, 0.5B int4, two cores).
 */
export function freeLogits({ buffer }: Float32Array): void {
  (buffer as ArrayBuffer).transfer(0);
}
