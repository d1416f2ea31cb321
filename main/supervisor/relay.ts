/** Passes frames between pages, the host and its children, and is where it is decided who may speak to whom. */
import type { Frame } from '../../native-models/process/frames.ts';
import { AppError, reportError } from '../../preload/contract/errors.ts';

/** One party's end of the relay. Whatever sender a frame names, the relay writes the party's own name into it. */
export interface RelayLine {
  /** A request that can't be delivered is answered by an `error` frame; anything else undeliverable is dropped. */
  post(frame: Frame): void;
  /** The party is gone: its own requests are cancelled, and those that it was answering end with the error. */
  close(error: AppError): void;
}

/** Where frames to a party go. @throws AppError `child_gone` while nobody is there */
export type Deliver = (frame: Frame) => void;

export interface Relay {
  attach(name: string, deliver: Deliver): RelayLine;
  /** Ends every request that the named party was answering; the party itself stays, since it may come back. */
  failRequestsTo(name: string, error: AppError): void;
  /** How many requests the named party is answering. */
  countRequestsTo(name: string): number;
}

interface OpenRequest {
  opener: string;
  answerer: string;
  id: number;
}

/** Who may open requests at whom. Engine, critic, media, convert and probe ask nobody, so what a hostile file takes over stays alone. */
export function mayAsk(opener: string, answerer: string): boolean {
  if (opener.startsWith('page-') || opener === 'host') return answerer === 'service';
  return opener === 'service' && ['engine', 'critic', 'media', 'convert', 'probe', 'host'].includes(answerer);
}

/** @param childFor brings a party into being that is asked for while it is not attached, or says no */
export function createRelay(childFor: (name: string) => Deliver | null = () => null): Relay {
  const parties = new Map<string, Deliver>();
  const open = new Map<string, OpenRequest>();
  const keyOf = ({ opener, answerer, id }: OpenRequest) => `${opener}>${answerer}>${id}`;

  function deliver(frame: Frame): void {
    const party = parties.get(frame.to) ?? childFor(frame.to);
    if (!party) throw new AppError('not_found', 'There is no such part of the app.');
    party(frame);
  }

  /** Nobody left to tell is no fault. */
  function tell(frame: Frame): void {
    try {
      deliver(frame);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }

  function fail({ opener, answerer, id }: OpenRequest, error: unknown): void {
    tell({ to: opener, from: answerer, id, kind: 'error', payload: reportError(error) });
  }

  function passAnswer(request: OpenRequest, frame: Frame): void {
    if (frame.kind === 'end' || frame.kind === 'error') open.delete(keyOf(request));
    tell(frame);
  }

  function passRequest(request: OpenRequest, frame: Frame): void {
    if (!mayAsk(request.opener, request.answerer)) {
      if (frame.kind === 'open')
        fail(request, new AppError('invalid_request', 'This part of the app may not be asked from here.'));
      return;
    }
    if (frame.kind === 'open') {
      if (open.has(keyOf(request))) return;
      open.set(keyOf(request), request);
    }
    try {
      deliver(frame);
    } catch (error) {
      if (frame.kind === 'open' && open.delete(keyOf(request))) fail(request, error);
    }
  }

  function post(name: string, received: Frame): void {
    const frame: Frame = { ...received, from: name };
    const answered = open.get(keyOf({ opener: frame.to, answerer: name, id: frame.id }));
    const isAnswer = frame.kind === 'value' || frame.kind === 'error' || frame.kind === 'end';
    if (answered && (isAnswer || frame.kind === 'part')) passAnswer(answered, frame);
    else if (!isAnswer && frame.kind !== 'shutdown')
      passRequest({ opener: name, answerer: frame.to, id: frame.id }, frame);
  }

  function failRequestsTo(name: string, error: AppError): void {
    for (const [key, request] of [...open]) {
      if (request.answerer === name && open.delete(key)) fail(request, error);
    }
  }

  return {
    attach(name, deliverToParty) {
      if (parties.has(name)) throw new AppError('internal', 'Two parts of the app have the same name.');
      parties.set(name, deliverToParty);
      let closed = false;
      return {
        post: (frame) => {
          if (!closed) post(name, frame);
        },
        close(error) {
          if (closed) return;
          closed = true;
          parties.delete(name);
          for (const [key, request] of [...open]) {
            if (request.opener !== name || !open.delete(key)) continue;
            tell({ to: request.answerer, from: name, id: request.id, kind: 'cancel', payload: null });
          }
          failRequestsTo(name, error);
        },
      };
    },
    failRequestsTo,
    countRequestsTo: (name) => [...open.values()].filter(({ answerer }) => answerer === name).length,
  };
}
